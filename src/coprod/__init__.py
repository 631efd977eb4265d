"""coprod: a talk on co-production, rerun from its data to a verdict on every claim.

Where to start
--------------
From a terminal: ``coprod --help``, or ``make lab`` for the notebooks. From Python:

>>> from coprod.data import read_talk
>>> from coprod.talk.claims import adjudicate
>>> ledger = adjudicate(read_talk())

==========================  ====================================================================
``coprod.data``             the tables of the talk, checked on reading: :func:`read_talk`
``coprod.talk``             what the talk claims: ``claims.adjudicate``, ``survey.answer_ranges``
``coprod.talk.tables``      the same, as tables to show: ``table_ledger``, ``table_claim``
``coprod.training``         what a training changed: ``study.read_study``, ``tables``
``coprod.figures``          figures: ``survey.plot_waffle``, ``outcomes.plot_forest``
``coprod.results``          ``Value``, ``Table`` and ``Figure``, which show themselves in a notebook
==========================  ====================================================================

``%load_ext coprod`` in a notebook reads changed modules again before each cell, and gives figures that
you draw with matplotlib the look of the house; inside quotes it completes the words that a parameter can take.
``%unload_ext coprod`` puts back what was before.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_EXTENSION = "coprod.report.extension"


def load_ipython_extension(shell: Any) -> None:
    """Do what ``%load_ext coprod`` asks for (:mod:`coprod.report.extension`)."""
    import_module(_EXTENSION).load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Undo it."""
    import_module(_EXTENSION).unload(shell)
