"""Cluster -> Story: under which decisions it stands, which id it has, which revision is new, and what it says.

constraints  a person's decisions against the matcher's partition
identity     which id a cluster has
revisions    the order of what the copies say
compose      the copy that speaks, and the fields from all
trust        which revision and which copy may speak, and what is lent
change       what a reader must be told of
"""

from feedhub.merge.compose import compose
from feedhub.merge.constraints import Constraint, constrain, pairs_of
from feedhub.merge.identity import Assignment, Founder, Standing, assign, mint
from feedhub.merge.members import Former, Member
from feedhub.merge.revisions import in_order

__all__ = [
    "Assignment",
    "Constraint",
    "Former",
    "Founder",
    "Member",
    "Standing",
    "assign",
    "compose",
    "constrain",
    "in_order",
    "mint",
    "pairs_of",
]
