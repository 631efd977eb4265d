"""The only reader of files."""

from coprod.data.annotations import read_annotations
from coprod.data.cells import Sheet, refuse_faults
from coprod.data.sheets import read_bytes, read_sheet
from coprod.data.talk import Talk, each_row, find_row, read_talk
from coprod.home import HOME_VARIABLE, project_home

__all__ = [
    "HOME_VARIABLE",
    "Sheet",
    "Talk",
    "each_row",
    "find_row",
    "project_home",
    "read_annotations",
    "read_bytes",
    "read_sheet",
    "read_talk",
    "refuse_faults",
]
