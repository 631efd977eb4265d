"""Tables in Markdown, for what the scripts of this folder print."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


def format_table(rows: pd.DataFrame, headings: Mapping[str, str]) -> str:
    """Write the named columns of a frame as a Markdown table."""
    lines = ["| " + " | ".join(headings.values()) + " |", "|" + " --- |" * len(headings)]
    lines += ["| " + " | ".join(str(row[column]) for column in headings) + " |" for row in rows.to_dict("records")]
    return "\n".join(lines) + "\n"
