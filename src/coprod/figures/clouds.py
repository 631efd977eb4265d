"""The drawing of scores: dots, lines and half densities of people, or bars of how many scored what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import MaxNLocator

from coprod.figures import theme
from coprod.figures.outcome import sentence
from coprod.figures.sheet import LEADING, Sheet, wrap
from coprod.figures.swarm import DOT, estimate_density, place_dots
from coprod.figures.theme import BODY, INK, QUIET, RULE, SMALLEST
from coprod.figures.wording import HELD_BACK, break_words, is_shown
from coprod.results import show
from coprod.training.words import write_points

GUTTER = 24.0
TICKS = 28.0
SLOT, MOST_SLOT = 58.0, 130.0
"""Points in which a wave is drawn: the fewest that its words need, and the most."""
REACH = 0.4
"""How far dots and clouds reach from the middle of a wave, as a share of its breadth."""
BASE = 0.24
"""Where means stand in the breadth of a wave that has bars."""
HIDDEN = "#9A9A9A"
STUB = 3.0


@dataclass(frozen=True)
class Clouds:
    """What the drawing is made from; all numbers as released.

    Attributes
    ----------
    waves : tuple of str
        In their order.
    span : tuple of float
        Least and greatest score there can be.
    decimals : int
        Of a mean.
    heads : mapping
        Audience and the words over its panel.
    colours : mapping
        Audience and its colour.
    means : DataFrame
        ``audience, wave, enrolled, n, mean, conf_low, conf_high``.
    scores : DataFrame
        ``participant, audience, wave, score``; empty where people may not be shown.
    bins : DataFrame
        ``audience, wave, low, high, n, share``; empty where people are shown.
    """

    waves: tuple[str, ...]
    span: tuple[float, float]
    decimals: int
    heads: Mapping[str, str]
    colours: Mapping[str, str]
    means: pd.DataFrame
    scores: pd.DataFrame
    bins: pd.DataFrame

    def of(self, audience: str) -> Clouds:
        """Return what belongs to one audience."""
        frames = [frame[frame["audience"] == audience] for frame in (self.means, self.scores, self.bins)]
        return Clouds(self.waves, self.span, self.decimals, self.heads, self.colours, *frames)


@dataclass(frozen=True)
class Panel:
    """Where one audience's scores are drawn: axes, breadth of a wave, points per point of the score, names, colour."""

    axes: Axes
    slot: float
    scale: float
    name: str
    colour: str


def draw_clouds(sheet: Sheet, clouds: Clouds, note: str) -> Drawing:
    """Draw one panel for each audience, as many side by side as the words leave room for."""
    audiences, left = list(clouds.heads), sheet.left + TICKS
    room = sheet.right - left
    per_row = int((room + GUTTER) // (len(clouds.waves) * SLOT + GUTTER))
    per_row = min(max(per_row, 1), len(audiences))
    breadth = min((room + GUTTER) / per_row - GUTTER, len(clouds.waves) * MOST_SLOT)
    for start in range(0, len(audiences), per_row):
        row = audiences[start : start + per_row]
        y = _write_heads(sheet, clouds, row, left, breadth)
        bottoms = [
            _draw_panel(sheet, clouds, audience, left + number * (breadth + GUTTER), y, breadth)
            for number, audience in enumerate(row)
        ]
        sheet.y = max(bottoms) + 14
    sheet.y -= 10
    return sheet.close(note)


def say_replies(row: Mapping[Any, Any]) -> str:
    """Write how many replied, such as "74 of 75"."""
    if not is_shown(row["n"]):
        return HELD_BACK
    return f"{int(row['n'])} of {int(row['enrolled'])}" if is_shown(row["enrolled"]) else f"{int(row['n'])}"


def _write_heads(sheet: Sheet, clouds: Clouds, row: list[str], left: float, breadth: float) -> float:
    """Name the audiences of a row of panels, all ending at the same height."""
    words = [break_words(clouds.heads[audience], breadth, size=BODY, bold=True) for audience in row]
    lines = [len(wrap(each, breadth, bold=True)) for each in words]
    for number, each in enumerate(words):
        y = sheet.y + (max(lines) - lines[number]) * LEADING * BODY
        sheet.write(left + number * (breadth + GUTTER), y, each, bold=True, within=breadth)
    return sheet.y + max(lines) * LEADING * BODY + 4


def _draw_panel(sheet: Sheet, clouds: Clouds, audience: str, x: float, y: float, breadth: float) -> float:
    """Draw an audience's scores at all waves, its means above and its counts below; return where it ends."""
    own, slot, number = clouds.of(audience), breadth / len(clouds.waves), list(clouds.heads).index(audience) + 1
    top, height = y + 18, 190.0 if sheet.width.is_narrow else 220.0
    axes = sheet.panel(x, top, breadth, height)
    axes.set_xlim(0, breadth)
    low, high = _set_scale(axes, clouds, labelled=x < sheet.left + TICKS + 1)
    name = f"{sheet.width.name}-audience{number}"
    panel = Panel(axes, slot, height / (high - low), name, clouds.colours[audience])
    if len(clouds.scores):
        middles = {wave: (place + 0.5) * slot for place, wave in enumerate(clouds.waves)}
        _draw_people(panel, own.scores, middles)
        _draw_densities(panel, clouds, audience, middles)
    else:
        middles = {wave: (place + BASE) * slot for place, wave in enumerate(clouds.waves)}
        _draw_bars(panel, own.bins, middles, max((s for s in clouds.bins["share"] if is_shown(s)), default=1.0))
    _draw_means(panel, own.means, middles, clouds.span)
    return max(_write_wave(sheet, own, wave, x + (place + 0.5) * slot, top, height, slot)
               for place, wave in enumerate(clouds.waves))  # fmt: skip


def _write_wave(
    sheet: Sheet, own: Clouds, wave: str, middle: float, top: float, height: float, slot: float
) -> float:  # fmt: skip
    """Write a wave's mean over the drawing, its name and who replied below it, and words where nothing is drawn."""
    within = slot - 5
    (row,) = own.means[own.means["wave"] == wave].to_dict("records")
    drawn = any(map(is_shown, own.bins.loc[own.bins["wave"] == wave, "n"])) or (own.scores["wave"] == wave).any()
    if is_shown(row["mean"]):
        ring = middle if len(own.scores) else middle - (0.5 - BASE) * slot
        sheet.write(ring, top - 16, write_points(row["mean"], own.decimals), bold=True, align="center")
    if not drawn:
        words = "nobody replied" if row["n"] == 0 else HELD_BACK
        room = (1 - BASE) * slot - 14
        look: dict[str, Any] = {"size": SMALLEST, "colour": QUIET, "align": "center", "back": "white"}
        sheet.write(middle + slot / 2 - room / 2, top + height / 2 - 18, words, within=room, **look)
    y = sheet.write(middle, top + height + 5, break_words(sentence(wave), within, size=BODY), within=within,
                    align="center")  # fmt: skip
    return sheet.write(middle, y, say_replies(row), within=within, size=SMALLEST, colour=QUIET, align="center")


def _set_scale(axes: Axes, clouds: Clouds, *, labelled: bool) -> tuple[float, float]:
    """Set the axis to the theoretical range, a little wider where bins are; return its ends."""
    low, high = clouds.span
    pad = (high - low) * 0.02
    ends = (min([low, *clouds.bins["low"]]) - pad, max([high, *clouds.bins["high"]]) + pad)
    axes.set_ylim(*ends)
    inner = MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    clear = (high - low) * 0.07
    ticks = [low, *(float(tick) for tick in inner if low + clear < tick < high - clear), high]
    axes.set_yticks(ticks, [show(float(tick)) if labelled else "" for tick in ticks], font=theme.font(SMALLEST))
    axes.set_xticks([])
    axes.tick_params(length=0, pad=4, labelcolor=QUIET)
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)
    return ends


def _draw_people(panel: Panel, people: pd.DataFrame, middles: Mapping[str, float]) -> None:
    """Draw a dot for each score, hollow for those who did not reply last, and a line through each person's."""
    placed = pd.concat(
        [
            place_dots(people[people["wave"] == wave], at, panel.scale, REACH * panel.slot)
            for wave, at in middles.items()
        ]
    )
    replied = placed["participant"].isin(people.loc[people["wave"] == list(middles)[-1], "participant"])
    lines = [line for _, line in placed.groupby("participant") if len(line) > 1]
    ends = [np.append(line[["x", "score"]].to_numpy(), [[np.nan, np.nan]], axis=0) for line in lines]
    if ends:
        x, y = np.concatenate(ends)[:-1].T
        panel.axes.plot(x, y, color=panel.colour, alpha=0.22, linewidth=0.9, zorder=1.5, clip_on=False,
                        gid=f"{panel.name}-lines")  # fmt: skip
    shades = {"replied": (panel.colour, "white"), "silent": ("white", panel.colour)}
    for (state, (fill, edge)), dots in zip(shades.items(), (placed[replied], placed[~replied]), strict=True):
        size = DOT - (1.0 if fill == "white" else 0.2)  # the edge comes on top
        look: dict[str, Any] = {"markersize": size, "markerfacecolor": fill, "markeredgecolor": edge}
        panel.axes.plot(dots["x"], dots["score"], "o", markeredgewidth=0.8 if fill == "white" else 0.4, zorder=2,
                        clip_on=False, gid=f"{panel.name}-{state}", **look)  # fmt: skip


def _draw_densities(panel: Panel, clouds: Clouds, audience: str, middles: Mapping[str, float]) -> None:
    """Draw how densely scores lie, to the right of the middle, on one scale for all waves and audiences."""
    grid = np.linspace(*clouds.span, 81)
    found = {keys: estimate_density(part.to_numpy(float), grid)
             for keys, part in clouds.scores.groupby(["audience", "wave"], observed=True)["score"]}  # fmt: skip
    highest = max(float(density.max()) for density in found.values())
    for number, (wave, middle) in enumerate(middles.items(), start=1):
        density = found.get((audience, wave), np.zeros(1))
        if density.max() > 0:
            kept = density > 0.005 * density.max()
            edge = np.full(int(kept.sum()), middle + 5)
            breadth = density[kept] / highest * (REACH * panel.slot - 2)
            panel.axes.fill_betweenx(grid[kept], edge, edge + breadth, color=panel.colour, alpha=0.28, linewidth=0,
                                     zorder=1, gid=f"{panel.name}-wave{number}-density")  # fmt: skip


def _draw_bars(panel: Panel, bins: pd.DataFrame, middles: Mapping[str, float], most: float) -> None:
    """Draw the share of people in each bin as a bar, and what is withheld as a thin hatched one."""
    pale = tuple(0.5 + part / 2 for part in to_rgb(panel.colour))
    for number, (wave, middle) in enumerate(middles.items(), start=1):
        rows = bins[bins["wave"] == wave].to_dict("records")
        if not any(is_shown(row["n"]) for row in rows):
            continue  # words say so
        for place, row in enumerate(rows, start=1):
            length = float(row["share"]) / most * ((0.92 - BASE) * panel.slot - 8) if is_shown(row["share"]) else STUB
            look: dict[str, Any] = {"facecolor": pale, "edgecolor": "white", "linewidth": 0.8}
            if not is_shown(row["share"]):
                look = {"facecolor": "white", "edgecolor": HIDDEN, "hatch": "//////", "linewidth": 0}
            if length:
                bar = panel.axes.barh(row["low"], length, row["high"] - row["low"], middle + 7, align="edge", **look)
                bar[0].set_gid(f"{panel.name}-wave{number}-{'bar' if is_shown(row['share']) else 'withheld'}{place}")


def _draw_means(panel: Panel, means: pd.DataFrame, middles: Mapping[str, float], span: tuple[float, float]) -> None:
    """Draw means as rings with a line through them, and their intervals as bars, as far as the scale goes."""
    rows = [row for row in means.to_dict("records") if is_shown(row["mean"])]
    for row in rows:
        if is_shown(row["conf_low"]):
            at, number = middles[row["wave"]], list(middles).index(row["wave"]) + 1
            ends = np.clip([row["conf_low"], row["conf_high"]], *span)
            panel.axes.plot([at, at], ends, color="black", linewidth=3.4, zorder=4, solid_capstyle="butt",
                            clip_on=False, gid=f"{panel.name}-wave{number}-interval")  # fmt: skip
    x, y = [middles[row["wave"]] for row in rows], [float(row["mean"]) for row in rows]
    panel.axes.plot(x, y, color=INK, linewidth=1.6, zorder=3, clip_on=False)
    panel.axes.plot(x, y, "o", markersize=7, markerfacecolor="white", markeredgecolor="black", markeredgewidth=1.7,
                    zorder=5, clip_on=False, gid=f"{panel.name}-means")  # fmt: skip
