"""Tables of an evaluation: a study goes in, a table fit to leave the house comes out."""

from coprod.training.tables.change import (
    table_estimates,
    table_item_changes,
    table_kept,
    table_methods,
    table_scales,
    table_variance,
)
from coprod.training.tables.doubt import (
    table_not_claimed,
    table_regression,
    table_sensitivity,
    table_silence,
    table_tipping,
)
from coprod.training.tables.measure import (
    table_ends,
    table_flow,
    table_items,
    table_reading,
    table_reliability,
    table_reliable_change,
)

__all__ = [
    "table_ends",
    "table_estimates",
    "table_flow",
    "table_item_changes",
    "table_items",
    "table_kept",
    "table_methods",
    "table_not_claimed",
    "table_reading",
    "table_regression",
    "table_reliability",
    "table_reliable_change",
    "table_scales",
    "table_sensitivity",
    "table_silence",
    "table_tipping",
    "table_variance",
]
