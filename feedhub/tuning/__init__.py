"""Labels of pairs -> what the matcher gets right, what each rule costs and earns, what would do better. Pure functions.

labels           lines -> labels: two ids and whether they are one story
label_report     labels, a run over the items -> what is right, with intervals; rules; proposals with pairs that flip
regression_pack  items and labels -> a file that every later version is held to
teaching         pairs -> the order in which labels of them teach; two people's labels -> how far they agree
"""

from feedhub.tuning.label_report import LabelReport, Proposal, RuleBalance, Share, evaluate, wilson
from feedhub.tuning.labels import Label, read_labels
from feedhub.tuning.regression_pack import PackResult, check_pack, pack_lines
from feedhub.tuning.teaching import Agreement, TaughtPair, TeachingPair, agreement, in_order_of_worth

__all__ = [
    "Agreement",
    "Label",
    "LabelReport",
    "PackResult",
    "Proposal",
    "RuleBalance",
    "Share",
    "TaughtPair",
    "TeachingPair",
    "agreement",
    "check_pack",
    "evaluate",
    "in_order_of_worth",
    "pack_lines",
    "read_labels",
    "wilson",
]
