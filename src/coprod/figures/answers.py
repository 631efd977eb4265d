"""The drawing of answers: two bars for each item, parted by answer around the middle one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.colors import to_rgb
from matplotlib.figure import Figure as Drawing

from coprod.figures.outcome import sentence
from coprod.figures.sheet import LEADING, Sheet, measure, wrap
from coprod.figures.theme import BODY, INK, QUIET, SMALLEST, palette
from coprod.figures.wording import HELD_BACK, break_words

LABELS = 172.0
BAR = 17.0
GAP = 3.0
STUB = 5.0
"""Breadth of a part that is withheld, whatever its size."""
NEUTRAL = "#DCDCDC"


@dataclass(frozen=True)
class Question:
    """What all items share.

    Attributes
    ----------
    waves : tuple of str
        The two that are compared.
    labels : mapping
        Answers from least to most, and how each is called.
    """

    waves: tuple[str, str]
    labels: Mapping[int, str]

    @property
    def lower(self) -> list[int]:
        """Answers below the middle."""
        return list(self.labels)[: len(self.labels) // 2]

    @property
    def upper(self) -> list[int]:
        """Answers above the middle."""
        return list(self.labels)[-(len(self.labels) // 2) :]

    @property
    def middle(self) -> int | None:
        """The middle answer; none where there is an even number of them."""
        points = list(self.labels)
        return points[len(points) // 2] if len(points) % 2 else None


@dataclass(frozen=True)
class Item:
    """One item and its two bars: shares by answer, None where withheld."""

    name: str
    wording: str
    note: str
    bars: tuple[Mapping[int, float | None], Mapping[int, float | None]]

    def share(self, points: Sequence[int], wave: int) -> float:
        """Return the share of some answers that is shown at the first (0) or second (1) wave."""
        return sum(self.bars[wave][point] or 0.0 for point in points)


@dataclass(frozen=True)
class Grid:
    """Where bars go: left edge, the middle, and points per share."""

    left: float
    centre: float
    unit: float
    waves: float


def draw_answers(sheet: Sheet, items: Sequence[Item], question: Question, note: str) -> Drawing:
    """Draw the key, then the items one under the other."""
    grid = _lay_out(sheet, items, question)
    sheet.y = _draw_key(sheet, question, grid) + 12
    for number, item in enumerate(items, start=1):
        sheet.y = _draw_item(sheet, item, question, grid, number) + 12
    sheet.y -= 6
    return sheet.close(note)


def find_shades(question: Question) -> dict[int, str]:
    """Give answers below the middle shades of orange and those above it shades of blue, the outer the darker."""
    half, tones = len(question.lower), palette()
    warm = _blend(["#8F3A06", tones.orange, "#FBCBB0"], half)
    cold = _blend([tones.dark_blue, tones.blue, "#A9CDF0"], half)
    shades = dict(zip(question.lower, warm, strict=True)) | dict(zip(reversed(question.upper), cold, strict=True))
    return shades | ({question.middle: NEUTRAL} if question.middle is not None else {})


def _blend(stops: Sequence[str], count: int) -> list[str]:
    """Return colours at equal steps from the first stop on; the last one is reached where there are three or more."""
    places = [0.0] if count == 1 else [0.0, 1.5] if count == 2 else [2 * step / (count - 1) for step in range(count)]
    found = []
    for place in places:
        low = min(int(place), 1)
        ends = zip(to_rgb(stops[low]), to_rgb(stops[low + 1]), strict=True)
        found.append("#" + "".join(f"{round(255 * (a + (b - a) * (place - low))):02X}" for a, b in ends))
    return found


def _ink_on(colour: str) -> str:
    """Return black or white, whichever is easier to read on a colour."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour))
    return INK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.19 else "white"


def _lay_out(sheet: Sheet, items: Sequence[Item], question: Question) -> Grid:
    """Choose the breadth of bars so that the longest on either side of the middle fits."""
    most = 62.0 if sheet.width.is_narrow else 90.0
    waves = min(max(measure(sentence(wave), size=SMALLEST) for wave in question.waves), most) + 8
    words = max(max(measure(item.wording), measure(item.note, size=SMALLEST)) for item in items)
    left = sheet.left + waves + (0 if sheet.width.is_narrow else min(words + 14, LABELS))
    bars = [bar for item in items for bar in item.bars]
    reach = [[_reach(bar, question, points) for bar in bars] for points in (question.lower, question.upper)]
    shares = [max(share for share, _ in side) for side in reach]
    stubs = [STUB * max(hidden for _, hidden in side) for side in reach]
    unit = (sheet.right - left - sum(stubs)) / (sum(shares) or 1)
    return Grid(left, left + shares[0] * unit + stubs[0], unit, waves)


def _reach(bar: Mapping[int, float | None], question: Question, points: Sequence[int]) -> tuple[float, float]:
    """Return the share of a bar on one side of the middle, and the number of withheld parts there."""
    own = [bar[point] for point in points]
    middle = bar[question.middle] if question.middle is not None else 0.0
    share = sum(part or 0.0 for part in own) + (middle or 0.0) / 2
    return share, own.count(None) + (0.5 if middle is None else 0.0)


def _draw_key(sheet: Sheet, question: Question, grid: Grid) -> float:
    """Draw a swatch for each answer with its words, in as many lines as they need; return where they end."""
    side, shades = 11.0, find_shades(question)
    whole = sum(measure(label) + side + 22 for label in question.labels.values())
    x, y = grid.left if not sheet.width.is_narrow and grid.left + whole < sheet.right else sheet.left, sheet.y
    for point, label in question.labels.items():
        words = break_words(label, sheet.right - sheet.left - side - 6, size=BODY)
        lines = wrap(words, sheet.right - sheet.left - side - 6)
        breadth = side + 6 + max(measure(line) for line in lines)
        if x > sheet.left and x + breadth > sheet.right:
            x, y = sheet.left, y + LEADING * BODY + 3
        sheet.block(x, y + 1.5, side, side, shades[point], edgecolor=QUIET, linewidth=0.5)
        end = sheet.write(x + side + 5, y, words, within=sheet.right - x - side - 5)
        y = max(y, end - LEADING * BODY)
        x += breadth + 16
    return y + LEADING * BODY


def _draw_item(sheet: Sheet, item: Item, question: Question, grid: Grid, number: int) -> float:
    """Write an item and draw its bars; return where it ends."""
    narrow, top = sheet.width.is_narrow, sheet.y
    within = (sheet.right - sheet.left) if narrow else grid.left - grid.waves - sheet.left - 14 + 1
    place: dict[str, Any] = {"within": within, "back": "white" if narrow else None}
    y = sheet.write(sheet.left, top, break_words(item.wording, within, size=BODY), **place)
    y = sheet.write(sheet.left, y, item.note, size=SMALLEST, colour=QUIET, **place)
    first = bars = y + 3 if narrow else top
    for wave, (name, bar) in enumerate(zip(question.waves, item.bars, strict=True), start=1):
        words = break_words(sentence(name), grid.waves - 8)
        lines = len(wrap(words, grid.waves - 8, size=SMALLEST))
        height = max(BAR, lines * LEADING * SMALLEST)
        level = bars + (height - lines * LEADING * SMALLEST) / 2
        at = sheet.left if narrow else grid.left - 8
        sheet.write(at, level, words, within=grid.waves - 8, size=SMALLEST, colour=QUIET,
                    align="left" if narrow else "right")  # fmt: skip
        _draw_bar(sheet, bar, question, grid, bars + (height - BAR) / 2, f"item{number}-wave{wave}")
        bars += height + GAP
    ends = [first - 3, bars] if narrow else [first - 6, bars + 4]
    sheet.axes.plot([grid.centre] * 2, ends, color=QUIET, linewidth=0.8, zorder=0.4)
    return max(y, bars)


def _draw_bar(
    sheet: Sheet, bar: Mapping[int, float | None], question: Question, grid: Grid, y: float, name: str
) -> None:  # fmt: skip
    """Draw the parts of a bar from the least answer to the most, with their percentages where there is room."""
    if not any(bar.values()):
        sheet.write(grid.left, y + 1, HELD_BACK, size=SMALLEST, colour=QUIET, back="white")
        return
    share, hidden = _reach(bar, question, question.lower)
    x, shades = grid.centre - share * grid.unit - hidden * STUB, find_shades(question)
    for point, part in bar.items():
        breadth = STUB if part is None else part * grid.unit
        gid = f"{sheet.width.name}-{name}-answer{list(question.labels).index(point) + 1}"
        if part is None:
            look: dict[str, Any] = {"edgecolor": QUIET, "linewidth": 0.4, "hatch": "//////", "gid": f"{gid}-withheld"}
            sheet.block(x, y, breadth, BAR, "white", **look)
        elif part > 0:
            sheet.block(x, y, breadth, BAR, shades[point], edgecolor="white", linewidth=0.8, gid=gid)
            words = f"{100 * part:.0f}"
            if measure(words) + 5 <= breadth:
                sheet.write(x + breadth / 2, y + 1.8, words, align="center", colour=_ink_on(shades[point]))
        x += breadth
