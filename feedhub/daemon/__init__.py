"""The periodic jobs of the daemon.

poll_jobs    polls, settles and purges
output_jobs  keeps outputs in order, tells WebSub hubs, watches sources
search_job   takes stories into the search index
delivery_jobs sends what waits for webhooks and notifications
notification_sender sends notifications to people, by way of apprise
scheduler    runs the jobs of all, each at its own pace
"""

from feedhub.daemon.delivery_jobs import DeliveryJobs
from feedhub.daemon.output_jobs import OutputJobs
from feedhub.daemon.poll_jobs import PollJobs
from feedhub.daemon.scheduler import PeriodicJob, Scheduler

__all__ = ["DeliveryJobs", "OutputJobs", "PeriodicJob", "PollJobs", "Scheduler"]
