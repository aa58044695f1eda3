"""The periodic jobs of the daemon.

poll_jobs    polls, settles and purges
output_jobs  keeps outputs in order, tells WebSub hubs, watches sources
scheduler    runs the jobs of both, each at its own pace
"""

from feedhub.daemon.output_jobs import OutputJobs
from feedhub.daemon.poll_jobs import PollJobs
from feedhub.daemon.scheduler import PeriodicJob, Scheduler

__all__ = ["OutputJobs", "PeriodicJob", "PollJobs", "Scheduler"]
