"""The periodic jobs of the daemon.

scheduler    polls, settles and purges
output_jobs  keeps outputs in order, tells WebSub hubs, watches sources
"""

from feedhub.daemon.output_jobs import Chores
from feedhub.daemon.scheduler import Scheduler

__all__ = ["Chores", "Scheduler"]
