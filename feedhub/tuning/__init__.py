"""Labels of pairs -> what the matcher gets right, what each rule costs and earns, what would do better. Pure functions.

labels           lines -> labels: two ids and whether they are one story
label_report     labels, a run over the items -> what is right, with intervals; rules; proposals with pairs that flip
regression_pack  items and labels -> a file that every later version is held to
"""

from feedhub.tuning.label_report import LabelReport, Proposal, RuleBalance, Share, evaluate, wilson
from feedhub.tuning.labels import Label, read_labels
from feedhub.tuning.regression_pack import PackResult, check_pack, pack_lines

__all__ = [
    "Label",
    "LabelReport",
    "PackResult",
    "Proposal",
    "RuleBalance",
    "Share",
    "check_pack",
    "evaluate",
    "pack_lines",
    "read_labels",
    "wilson",
]
