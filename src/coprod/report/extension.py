"""What ``%load_ext coprod`` does in a notebook, and ``%unload_ext coprod`` undoes.

- Modules are read again before each cell when their files have changed (IPython's own autoreload).
- Figures that a reader draws with matplotlib look as those of the house: font, colours, no box.
- Such figures are shown as SVG.
- The legal words of a parameter are completed inside its quotes.

Results of coprod look the same with it and without: their style holds only while they are drawn.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import Any

import fontpkg_atkinson_hyperlegible
import matplotlib as mpl
from ipykernel.zmqshell import ZMQInteractiveShell
from matplotlib import font_manager
from matplotlib.rcsetup import cycler

from coprod.figures.theme import BODY, INK, QUIET, RULE, SMALLEST, TITLE, palette
from coprod.report.choices import offer_choices

AUTORELOAD = "IPython.extensions.autoreload"
FAMILY = "Atkinson Hyperlegible"

_undo = ExitStack()


def load(shell: Any) -> None:
    """Read changed modules again, and give figures the look of the house.

    Parameters
    ----------
    shell : InteractiveShell
        IPython's, of a notebook or a terminal. Loading twice is loading once; who has already loaded autoreload
        keeps their own setting of it, and who has chosen another backend of matplotlib keeps that.
    """
    _undo.close()
    if AUTORELOAD not in shell.extension_manager.loaded:
        shell.extension_manager.load_extension("autoreload")
        shell.run_line_magic("autoreload", "all")
        _undo.callback(shell.run_line_magic, "autoreload", "off")
    _undo.callback(offer_choices(shell))
    before = _set_look()
    _undo.callback(partial(mpl.rcParams.update, before))
    if isinstance(shell, ZMQInteractiveShell) and "inline" in mpl.get_backend():
        _show_as_svg(shell)


def unload(shell: Any) -> None:  # noqa: ARG001
    """Put back what was before :func:`load`; without it, nothing happens."""
    _undo.close()


def _show_as_svg(shell: ZMQInteractiveShell) -> None:
    shell.run_line_magic("matplotlib", "inline")  # which also makes its settings known to the shell
    inline: Any = next(settings for settings in shell.configurables if type(settings).__name__ == "InlineBackend")
    _undo.callback(partial(setattr, inline, "figure_formats", inline.figure_formats))
    inline.figure_formats = {"svg"}


def _set_look() -> Any:
    """Change matplotlib's settings and return those that were in their place."""
    for path in (fontpkg_atkinson_hyperlegible.ROOT / "files").glob("*.ttf"):
        font_manager.fontManager.addfont(path)
    look = house_look()
    before = {name: value for name, value in mpl.rcParams.items() if name in look}
    mpl.rcParams.update(look)
    return before


def house_look() -> Any:
    """Return the look of the figures as settings of matplotlib.

    Returns
    -------
    dict
        For :data:`matplotlib.rcParams`; the font has to be known to matplotlib by its name.
    """
    colours = palette()
    cycle = [colours.dark_blue, colours.orange, colours.teal, colours.light_blue]
    return {
        "axes.axisbelow": True,
        "axes.edgecolor": RULE,
        "axes.grid": True,
        "axes.labelcolor": QUIET,
        "axes.prop_cycle": cycler(color=cycle),
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlelocation": "left",
        "axes.titlesize": TITLE,
        "axes.titleweight": "bold",
        "axes.unicode_minus": True,
        "figure.facecolor": "white",
        "font.family": [FAMILY],
        "font.size": BODY,
        "grid.color": RULE,
        "grid.linewidth": 0.8,
        "hatch.linewidth": 1.0,
        "legend.frameon": False,
        "svg.hashsalt": "coprod",
        "text.color": INK,
        "xtick.color": QUIET,
        "xtick.labelsize": SMALLEST,
        "ytick.color": QUIET,
        "ytick.labelsize": SMALLEST,
    }
