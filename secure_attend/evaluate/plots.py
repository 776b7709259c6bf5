"""Plots of the figures. Only this file needs matplotlib, and only if plots are wanted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from secure_attend.errors import NotReady
from secure_attend.evaluate.evaluation import Evaluation
from secure_attend.evaluate.measure import Measured

SIZE = (7, 4.5)
LEAST = 1e-5
"""Rates of zero are drawn here, at the edge: the axes are logarithmic."""


def draw(evaluation: Evaluation, folder: Path) -> list[Path]:
    """Draw distributions, DET, CMC and the open set as PNG files. Raises `NotReady` (`no_matplotlib`)."""
    plt = _pyplot()
    drawn = []
    drawings = {"distributions": _distributions, "det": _det, "cmc": _cmc, "open-set": _draw_open_set}
    for name, drawing in drawings.items():
        figure, axes = plt.subplots(figsize=SIZE, layout="constrained")
        drawing(axes, evaluation)
        axes.legend(fontsize="small")
        axes.set_title(f"{evaluation.profile.name}, {evaluation.people} people", fontsize="medium")
        path = folder / f"{re.sub(r'[^A-Za-z0-9-]+', '-', evaluation.profile.name)}-{name}.png"
        figure.savefig(path, dpi=120, metadata={"Software": None})
        plt.close(figure)
        drawn.append(path)
    return drawn


def _pyplot() -> Any:
    try:
        import matplotlib
    except ImportError as error:
        raise NotReady(
            "no_matplotlib",
            "The plots were not drawn, because matplotlib is missing. Install it (pip install matplotlib) and run the "
            "same command again. The pictures are not read again.",
        ) from error
    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    return plt


def _label(measured: Measured) -> str:
    return f"{measured.setting.enrolled} enrolled, {measured.setting.shown} shown"


def _distributions(axes: Any, evaluation: Evaluation) -> None:
    measured = evaluation.measured[-1]
    edges = np.linspace(0, float(max(measured.genuine.max(), measured.impostor.max())), 120)
    for values, name in ((measured.genuine, "same person"), (measured.impostor, "different people")):
        axes.hist(values, edges, density=True, alpha=0.6, label=f"{name} ({len(values)} distances)")
    limit = measured.open_set[-1].threshold
    axes.axvline(limit, color="black", linestyle="--", label=f"threshold among {measured.people}: {limit:.3f}")
    axes.set_xlabel(f"distance ({evaluation.profile.metric}; {_label(measured)})")
    axes.set_ylabel("density")


def _det(axes: Any, evaluation: Evaluation) -> None:
    for measured in evaluation.measured:
        for name, curve in (("1:1", measured.one_to_one), (f"1:{measured.people}", measured.one_to_many)):
            axes.plot(
                np.maximum(curve.accepted, LEAST),
                np.maximum(curve.refused, LEAST),
                label=f"{name}, {_label(measured)}",
                drawstyle="steps-post",
            )
    axes.set(xscale="log", yscale="log", xlabel="FMR, FPIR", ylabel="FNMR, FNIR (misses included)")
    axes.grid(visible=True, which="major", alpha=0.3)


def _cmc(axes: Any, evaluation: Evaluation) -> None:
    for measured in evaluation.measured:
        ranks = np.arange(1, len(measured.closed.cmc) + 1)
        axes.plot(ranks, 100 * np.array(measured.closed.cmc), marker=".", label=_label(measured))
    axes.set(xlabel="rank", ylabel="found among the nearest, % of tries with a face")


def _draw_open_set(axes: Any, evaluation: Evaluation) -> None:
    measured = evaluation.measured[-1]
    sizes = [open_set.people for open_set in measured.open_set]
    accepted = [open_set.fpir for open_set in measured.open_set]
    refused = [open_set.fnir for open_set in measured.open_set]
    for aside, name, rates in ((1.0, "FPIR", accepted), (1.03, "FNIR", refused)):
        middle = np.maximum([rate.rate for rate in rates], LEAST)
        low = middle - np.clip([rate.low for rate in rates], LEAST, middle)
        high = np.maximum([rate.high for rate in rates], middle) - middle
        axes.errorbar(np.multiply(sizes, aside), middle, yerr=[low, high], marker="o", capsize=4, label=f"{name}, 95 %")
    axes.axhline(evaluation.target, color="black", linestyle=":", label="target for FPIR")
    axes.set(xscale="log", yscale="log", xlabel=f"people registered ({_label(measured)})", ylabel="rate")
