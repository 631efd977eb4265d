"""What patient champions answer to the talk's claims: read whole, or refused.

The file is published: it is downloaded from the site, and certificates hold a copy. A row without consent can
therefore not be withheld where annotations are shown and left in the file; the file itself is refused, and no fault
quotes such a row.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from coprod.data.cells import refuse_faults
from coprod.data.tables import read_cells
from coprod.data.talk import Talk, read_talk
from coprod.faults import Fault, check_frame, dangling_keys
from coprod.home import project_home
from coprod.schemas import ANNOTATIONS, CONSENT, TALK, Annotations

PLACE = "data/annotations.csv"
_NO_CONSENT = f"consent is not {CONSENT!r}; take the row out of the file until the person has agreed in writing"


def read_annotations(home: Path | None = None, talk: Talk | None = None) -> pd.DataFrame:
    """Read and check ``data/annotations.csv``.

    Parameters
    ----------
    home : Path, optional
        Project folder; :func:`project_home` by default.
    talk : Talk, optional
        The tables with the claims that are answered; read from the folder by default.

    Returns
    -------
    DataFrame
        Valid by :class:`coprod.schemas.Annotations`, in the order of the file. No rows where nobody has answered, or
        where the project is older than the table and has no such file.

    Raises
    ------
    DataError
        One error that lists every fault with row and column. A row whose consent is not given is a fault, and
        none of its cells is quoted.
    """
    home = home or project_home()
    name = Path(PLACE).name
    if not (home / PLACE).exists():
        return pd.DataFrame(columns=list(Annotations.to_schema().columns), dtype="string")
    cells, faults = read_cells(home, PLACE, may_be_bare=True)
    refuse_faults(faults, name)
    cells = cells.apply(lambda column: column.str.strip()).replace("", pd.NA)
    agreed = cells.head(0)
    if "consent" in cells:
        agreed = cells[cells["consent"].eq(CONSENT).fillna(False)]
        faults = [Fault(name, row + 2, "consent", _NO_CONSENT) for row in cells.index.difference(agreed.index)]
    valid, found = check_frame(agreed, Annotations, name)
    known = {(fault.row, fault.column) for fault in found}
    tables = {**(talk or read_talk(home)), "annotations": agreed}
    keys = [fault for fault in dangling_keys(tables, {**TALK, **ANNOTATIONS}) if (fault.row, fault.column) not in known]
    refuse_faults([*faults, *found, *keys], name)
    return valid.reset_index(drop=True)
