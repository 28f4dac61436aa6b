"""Plots as SVG elements that stand inside of a page."""

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
    """A horizontal bar for each row and series, from spreads, with its spread drawn over it."""
    count = len(series)
    figure = Figure(figsize=(_WIDTH, 0.9 + _ROW * len(rows) * (0.6 + 0.4 * count)), layout="constrained")
    axes = figure.subplots()
    height = 0.8 / count
    for number, name in enumerate(series):
        spreads = [values[number] for values in rows.values()]
        places = [place + (number - (count - 1) / 2) * height for place in range(len(rows))]
        medians = [one["median"] for one in spreads]
        errors = [
            [one["median"] - one["low"] for one in spreads],
            [one["high"] - one["median"] for one in spreads],
        ]
        axes.barh(
            places, medians, height * 0.92, xerr=errors, color=_COLORS[number], label=name, ecolor="#333"
        )
        for place, median, over in zip(places, medians, errors[1], strict=True):
            axes.annotate(
                f" {median:,.0f}" if median >= 10 else f" {median:.1f}",
                (median + over, place),
                va="center",
                fontsize=9,
            )
    axes.set_yticks(range(len(rows)), list(rows))
    axes.invert_yaxis()
    axes.set_xlabel(unit)
    axes.set_xlim(left=0)
    axes.margins(x=0.12)
    return _finished(figure, legend=count > 1)


def lines(
    xs: Sequence[float], series: Mapping[str, Sequence[Mapping[str, float]]], across: str, unit: str
) -> str:
    """A line for each series of spreads over numbers, on a logarithmic scale, from zero."""
    figure = Figure(figsize=(_WIDTH, 3.6), layout="constrained")
    axes = figure.subplots()
    for (name, spreads), color in zip(series.items(), _COLORS, strict=False):
        medians = [one["median"] for one in spreads]
        errors = [
            [one["median"] - one["low"] for one in spreads],
            [one["high"] - one["median"] for one in spreads],
        ]
        axes.errorbar(xs, medians, errors, marker="o", capsize=4, color=color, label=name)
    axes.set_xscale("log")
    axes.set_xticks(list(xs), [f"{x:,.0f}" for x in xs])
    axes.minorticks_off()
    axes.set_ylim(0, 1.15 * max(one["high"] for spreads in series.values() for one in spreads))
    axes.set_xlabel(across)
    axes.set_ylabel(unit)
    return _finished(figure, legend=len(series) > 1)


def _finished(figure: Figure, *, legend: bool) -> str:
    if legend:
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
    stream = io.StringIO()
    metadata: dict[str, Any] = {"Date": None, "Creator": None}
    figure.savefig(stream, format="svg", metadata=metadata)
    # Without the XML declaration and the DOCTYPE, which have no place in HTML.
    return "<svg" + stream.getvalue().partition("<svg")[2]
