"""Theory against simulation in random settings: deviations and the law they must have."""

import numpy as np
from matplotlib.figure import Figure
from scipy import stats
from scipy.special import ndtr, ndtri

from paper_figures.measurements import CONFIDENCE, distinct, rows
from paper_figures.style import BOUND, FAILED, INNER, PAGE, new_figure, styled
from paper_figures.tables import Caption
from simulations.records import Record
from theory.checks import FloatArray

__all__ = ["caption", "deviations", "draw"]

WRONG = 0.99
"""What predictions are multiplied by to show that errors are seen."""
EDGES = np.linspace(-4.0, 4.0, 25)


@styled
def draw(record: Record) -> Figure:
    """Draw deviations of counts from predictions, in standard errors, beside the normal law.

    Left a histogram, right quantiles against those of the law; bands hold each bin and each
    quantile with 95 %. Red: the same counts against predictions that are one percent too small.

    Parameters
    ----------
    record : Record
        Of the experiment ``random-settings``.
    """
    found = np.sort(deviations(record))
    figure, (left, right) = new_figure(PAGE, 2.6, columns=2)
    left.hist(np.clip(found, EDGES[0], EDGES[-1]), EDGES.tolist(), color=INNER, alpha=0.5)
    shares = np.diff(ndtr(EDGES))
    tails = (1 - CONFIDENCE) / 2
    law = stats.binom(len(found), shares)
    left.stairs(law.ppf(1 - tails), EDGES, baseline=law.ppf(tails), fill=True, color="#00000022")
    left.stairs(len(found) * shares, EDGES, color=BOUND, lw=1.0)
    left.set(xlabel="deviation (standard errors)", ylabel="predictions in the bin")
    ranks = np.arange(1, len(found) + 1)
    expected = ndtri((ranks - 0.5) / len(found))
    order = stats.beta(ranks, len(found) + 1 - ranks)
    right.fill_between(
        expected, ndtri(order.ppf(tails)), ndtri(order.ppf(1 - tails)), color="#00000022", lw=0
    )
    right.plot(expected, expected, color=BOUND, lw=0.8, label="standard normal law")
    right.plot(expected, found, ".", color=INNER, ms=3, label="predictions")
    wrong = np.sort(deviations(record, WRONG))
    right.plot(expected, wrong, ".", color=FAILED, ms=2, label="predictions one percent too small")
    right.set(xlabel="quantile of the law", ylabel="deviation (standard errors)", ylim=(-4.5, 8.5))
    right.legend(loc="lower right")
    return figure


def caption(record: Record) -> Caption:
    """Say whether the deviations have their law, and how surely a small error would be seen."""
    found = deviations(record)
    fit, wrong = (
        float(stats.kstest(values, "norm").pvalue) for values in (found, deviations(record, WRONG))
    )
    trials = distinct(rows(record), "trials")[0]
    return Caption(
        "Theory against simulation in random settings",
        "Deviations of counted from predicted accuracies (Theorem 5), in standard errors. Each is "
        "the normal quantile of the randomised quantile that the count has in its exact binomial "
        "law, so that it is exactly standard normal if the prediction is right, however few "
        "errors are counted. Left a histogram, right ordered deviations against quantiles of the "
        "law; beyond 8 standard errors they are drawn at 8.",
        f"Spatial and adversarial accuracy of a random halfspace in each of {len(found) // 2} "
        "settings with random means, weights, noise, radius, norm and transformations, in the "
        f"dimensions of the settings {', '.join(distinct(rows(record), 'setting'))}.",
        f"{trials:,} samples in full dimension for each accuracy.",
        "One seed.",
        "Bands hold each bin and each ordered deviation with 95 %.",
        f"Kolmogorov and Smirnov's test of the standard normal law: p = {_share(fit)}. For "
        f"predictions one percent too small (red) it is {_share(wrong)}.",
        "Not among the paper's experiments.",
    )


def deviations(record: Record, factor: float = 1.0) -> FloatArray:
    """Return the deviations of all counts, standard normal if predictions times `factor` are right.

    Beyond 8 standard errors they are cut.
    """
    successes, trials, expected, uniform = (
        np.array([row[name] for row in rows(record, kind="match")], dtype=float)
        for name in ("successes", "trials", "expected", "draw")
    )
    law = stats.binom(trials, factor * expected)
    below = law.cdf(successes - 1) + uniform * law.pmf(successes)
    above = law.sf(successes) + (1.0 - uniform) * law.pmf(successes)
    # the smaller tail has the digits
    return np.clip(np.where(below < above, ndtri(below), -ndtri(above)), -8.0, 8.0)


def _share(p: float) -> str:
    return f"{p:.2g}" if p >= 1e-6 else "below 1e-6"
