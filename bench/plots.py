"""Plots as SVG elements for an HTML page."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

mpl.rcParams.update(
    {
        "svg.fonttype": "none",
        "svg.hashsalt": "certbeam",
        "font.family": "sans-serif",
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
)
_COLORS = ("#1f5a45", "#b08d3c", "#4a6fa5", "#a5524a")
_WIDTH = 8.0
_ROW = 0.42  # inches a bar


def bars(rows: Mapping[str, Sequence[Mapping[str, float]]], series: Sequence[str], unit: str) -> str:
    """Draw a horizontal bar for each row and series, with its spread as an error bar."""
    count = len(series)
    figure = Figure(figsize=(_WIDTH, 0.9 + _ROW * len(rows) * (0.6 + 0.4 * count)), layout="constrained")
    axes = figure.subplots()
    height = 0.8 / count
    for number, name in enumerate(series):
        spreads = [values[number] for values in rows.values()]
        positions = [row + (number - (count - 1) / 2) * height for row in range(len(rows))]
        medians, errors = _medians_and_errors(spreads)
        axes.barh(
            positions, medians, height * 0.92, xerr=errors, color=_COLORS[number], label=name, ecolor="#333"
        )
        for position, median, error in zip(positions, medians, errors[1], strict=True):
            axes.annotate(
                f" {median:,.0f}" if median >= 10 else f" {median:.1f}",
                (median + error, position),
                va="center",
                fontsize=9,
            )
    axes.set_yticks(range(len(rows)), list(rows))
    axes.invert_yaxis()
    axes.set_xlabel(unit)
    axes.set_xlim(left=0)
    axes.margins(x=0.12)
    return _to_svg(figure, legend=count > 1)


def lines(
    xs: Sequence[float], series: Mapping[str, Sequence[Mapping[str, float]]], x_label: str, unit: str
) -> str:
    """Draw a line for each series of spreads over numbers. The x axis is logarithmic, and the y axis begins at zero."""
    figure = Figure(figsize=(_WIDTH, 3.6), layout="constrained")
    axes = figure.subplots()
    for (name, spreads), color in zip(series.items(), _COLORS, strict=False):
        medians, errors = _medians_and_errors(spreads)
        axes.errorbar(xs, medians, errors, marker="o", capsize=4, color=color, label=name)
    axes.set_xscale("log")
    axes.set_xticks(list(xs), [f"{x:,.0f}" for x in xs])
    axes.minorticks_off()
    axes.set_ylim(0, 1.15 * max(spread["high"] for spreads in series.values() for spread in spreads))
    axes.set_xlabel(x_label)
    axes.set_ylabel(unit)
    return _to_svg(figure, legend=len(series) > 1)


def _medians_and_errors(
    spreads: Sequence[Mapping[str, float]],
) -> tuple[list[float], tuple[list[float], list[float]]]:
    """Return the medians of spreads, and their distances to the low and to the high values."""
    medians = [spread["median"] for spread in spreads]
    below = [spread["median"] - spread["low"] for spread in spreads]
    above = [spread["high"] - spread["median"] for spread in spreads]
    return medians, (below, above)


def _to_svg(figure: Figure, *, legend: bool) -> str:
    if legend:
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
    stream = io.StringIO()
    metadata: dict[str, Any] = {"Date": None, "Creator": None}
    figure.savefig(stream, format="svg", metadata=metadata)
    # Without the XML declaration and the DOCTYPE, which HTML does not allow here.
    return "<svg" + stream.getvalue().partition("<svg")[2]
