"""The rules of the claim ledger: one function per kind of claim, tables in, a ruling out.

Each takes the talk and the claim's subject (a word that says which row is meant) and looks only
at tables. ``claims.csv`` calls a rule by its function's name.
"""

from coprod.talk.rules import accounts, references, request
from coprod.talk.rules.ruling import RULES, VERDICTS, Ruling

__all__ = ["RULES", "VERDICTS", "Ruling", "accounts", "references", "request"]
