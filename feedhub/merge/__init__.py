"""Cluster -> Story: which id a cluster has (`identity`), which copy speaks for it and what it says (`compose`)."""

from feedhub.merge.compose import Member, compose
from feedhub.merge.identity import Assignment, Founder, Standing, assign, mint

__all__ = ["Assignment", "Founder", "Member", "Standing", "assign", "compose", "mint"]
