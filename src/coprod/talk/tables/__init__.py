"""The tables of the talk as results: tables in, a Table out."""

from coprod.talk.tables.accounts import table_champion, table_cohorts, table_conclusion, table_record, table_statements
from coprod.talk.tables.ledger import table_claim, table_ledger, table_published
from coprod.talk.tables.references import table_duties, table_evidence, table_works_published
from coprod.talk.tables.request import table_counts, table_press, table_superpopulation

__all__ = [
    "table_champion",
    "table_claim",
    "table_cohorts",
    "table_conclusion",
    "table_counts",
    "table_duties",
    "table_evidence",
    "table_ledger",
    "table_press",
    "table_published",
    "table_record",
    "table_statements",
    "table_superpopulation",
    "table_works_published",
]
