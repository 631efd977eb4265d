"""The headline numbers of the talk as results: tables in, Values out."""

from coprod.talk.values.accounts import value_cohorts, value_partnership, value_verdicts, value_works
from coprod.talk.values.request import value_answers, value_power, value_reply

__all__ = [
    "value_answers",
    "value_cohorts",
    "value_partnership",
    "value_power",
    "value_reply",
    "value_verdicts",
    "value_works",
]
