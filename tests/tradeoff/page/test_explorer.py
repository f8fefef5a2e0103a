"""The explorer's numbers, computed by a browser, against those of the theory."""

import inspect
from importlib.resources import files
from itertools import pairwise
from string import Template

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import ndtr, ndtri

from tests.tradeoff.page.browser import ask
from theory import (
    catalogue,
    conflict_distribution,
    gaussian_tradeoff,
    optimal_adversarial_error,
    sharp_cyclic_code_bound,
    two_class_bound,
)
from theory.setting.catalogue import SETTINGS
from tradeoff.page import explorer, markup
from tradeoff.page.report import page_parts

KNOWN = {one["name"]: one for one in explorer.settings()}
TOLERANCE = 1e-9


def test_sliders_begin_at_the_defaults_of_the_catalogue():
    for name, known in KNOWN.items():
        given = inspect.signature(SETTINGS[name]).parameters
        own = {one["name"]: one["value"] for one in known["parameters"]}
        for key in ("epsilon", "eta", "alpha", "sigma"):
            assert own[key] == given[key].default
    assert [one["name"] for one in explorer.settings()] == [
        "orientation-texture", "rotating-bump", "cyclic-code", "robust-feature",
    ]  # fmt: skip


def test_every_start_lies_on_its_slider():
    for known in KNOWN.values():
        for one in known["parameters"]:
            if "choices" in one:
                assert one["value"] in one["choices"]
            else:
                assert one["min"] <= one["value"] <= one["max"]
                steps = (one["value"] - one["min"]) / one["step"]
                assert steps == pytest.approx(round(steps), abs=1e-9)


def test_the_pattern_is_that_of_the_setting():
    default = catalogue.defaults()["orientation-texture"]
    large = np.kron(explorer.pattern(), np.ones((4, 4)))
    assert np.allclose(default.mixture.means[1].reshape(16, 16), 0.4 * large + 0.06)


@pytest.mark.parametrize("length", [4, 12, 20, 28])
def test_codes_have_the_conflicts_that_the_page_states(length):
    laws = {
        2: ([0, 0.5], [0.5, 0.5]),
        3: ([0, 0.5], [0.25, 0.75]),
        4: ([0, 0.25, 0.5, 0.75], [0.125, 0.375, 0.375, 0.125]),
    }
    for dimension, (values, shares) in laws.items():
        generator = explorer.code_generator(dimension, length)
        found = conflict_distribution(generator, length)
        assert np.allclose(found[0], values)
        assert np.allclose(found[1], shares)
    assert (
        explorer.code_generator(3, 20)
        == inspect.signature(catalogue.cyclic_code).parameters["generator"].default
    )


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page without its figures, which the explorer does not need."""
    parts = page_parts() | dict.fromkeys(
        ("documentation", "question", "answer", "leaderboard", "figures", "tables", "derivations",
         "provenance"), ""
    )  # fmt: skip
    own = files("tradeoff.page").joinpath("page.html")
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(Template(own.read_text(encoding="utf-8")).substitute(parts), encoding="utf-8")
    return path


def draw(rng, name):
    """Values of all parameters of a setting, somewhere on their sliders."""
    drawn = {}
    for one in KNOWN[name]["parameters"]:
        if "choices" in one:
            drawn[one["name"]] = one["choices"][rng.integers(len(one["choices"]))]
        else:
            steps = round((one["max"] - one["min"]) / one["step"])
            drawn[one["name"]] = one["min"] + one["step"] * int(rng.integers(steps + 1))
    return drawn


def expected(name, p):
    """The bound on the spatial error in Python; None where no classifier is so robust."""
    error = 1 - p["A"]
    own = {key: p[key] for key in ("alpha", "eta", "sigma", "epsilon")}
    if name == "cyclic-code":
        generator = explorer.code_generator(p["dimension"], p["length"])
        conflicts = conflict_distribution(generator, p["length"])
        del own["alpha"]
        return float(sharp_cyclic_code_bound(error, conflicts, length=p["length"], **own))
    if name == "robust-feature":
        return features(p, error)
    if name == "orientation-texture":
        shares = {0: [1, 0, 0, 0], 90: [1 / 3, 1 / 3, 0, 1 / 3], 180: [0.25] * 4}[p["range"]]
        tilt = p["tilt"] * shares[1]
        shares = [shares[0], shares[1] + tilt, shares[2], shares[3] - tilt]
        pattern = np.kron(explorer.pattern(), np.ones((p["side"] // 4,) * 2))
        setting = catalogue.orientation_texture(pattern, probabilities=shares, **own)
    else:
        setting = catalogue.rotating_bump(
            24, p["rings"], width=p["width"], max_degrees=p["range"], **own
        )
    if error < optimal_adversarial_error(setting):
        return None
    return float(two_class_bound(setting, error))


def features(p, error):
    """Equation (9.14), by a search over the split; None if (2) leaves no split."""
    right, root = p["reliability"], np.sqrt(p["weak"]) / p["sigma"]
    r0 = max(2 * p["eta"] - p["epsilon"], 0) * root
    r00 = max(2 * p["eta"] - 2 * p["epsilon"], 0) * root
    low, high = max(0.0, (error - right) / (1 - right)), min(1.0, error / (1 - right))
    other = lambda b: np.clip((error - (1 - right) * b) / right, 0, 1)  # noqa: E731
    room = lambda b: other(b) - gaussian_tradeoff(b, r00)  # noqa: E731
    grid = np.unique(np.r_[np.geomspace(max(low, 1e-18), high, 4001), np.linspace(low, high, 4001)])
    inside = grid[room(grid) >= -1e-13]
    if not inside.size:
        return None

    def value(b):
        lies, tells = gaussian_tradeoff(b, r0), gaussian_tradeoff(other(b), r0)
        return right * lies + (1 - right) * tells

    # the split allowed is an interval; its ends are refined, then the convex value is least inside
    ends = [edge(room, grid, inside[0], -1), edge(room, grid, inside[-1], 1)]
    best = minimize_scalar(value, bounds=ends, method="bounded", options={"xatol": 1e-14})
    least = min(best.fun, float(value(ends[0])), float(value(ends[1])), float(value(inside).min()))
    return least / min(p["positions"], p["weak"] + 1)


def edge(room, grid, inner, side):
    """The end of the interval where `room` is not negative, beyond its last point on the grid."""
    place = int(np.searchsorted(grid, inner)) + side
    if not 0 <= place < len(grid):
        return inner
    outer = grid[place]
    for _ in range(100):
        middle = (inner + outer) / 2
        inner, outer = (middle, outer) if room(middle) >= 0 else (inner, middle)
    return inner


@pytest.mark.slow  # starts a browser
@pytest.mark.parametrize("name", KNOWN)
def test_the_browser_agrees_with_the_theory(name, page):
    rng = np.random.default_rng(14)
    cases = [draw(rng, name) for _ in range(150)]
    start = {one["name"]: one["value"] for one in KNOWN[name]["parameters"]}
    cases += [start, *({**start, "A": A} for A in (0.0, 0.5, 0.7, 0.99, 0.999))]
    if name == "orientation-texture":
        cases += [{**start, "tilt": 0.5, "A": A} for A in (0.5, 0.9, 0.999)]
    found = ask(page, cases=[[name, case] for case in cases])["cases"]
    computed = 0
    for case, answer in zip(cases, found, strict=True):
        error = expected(name, case)
        if error is None or answer["error"] is None:
            assert error is answer["error"], case
            continue
        computed += error > 0
        assert answer["error"] == pytest.approx(error, abs=TOLERANCE), case
    assert computed > len(cases) / 10


@pytest.mark.slow  # starts a browser
@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("orientation-texture", {}),
        ("rotating-bump", {"epsilon": 0.4}),
        ("cyclic-code", {}),
        ("robust-feature", {}),
    ],
)
def test_the_curve_ends_where_no_classifier_is_as_robust(name, changed, page):
    start = {one["name"]: one["value"] for one in KNOWN[name]["parameters"]} | changed
    (points,) = ask(page, curves=[[name, changed]])["curves"]
    for A, S in [*points[1:-1:10], points[-2]]:
        assert pytest.approx(1 - expected(name, {**start, "A": A}), abs=TOLERANCE) == S
    end = points[-1][0]
    assert end == 1 or expected(name, {**start, "A": end + 1e-6}) is None
    assert expected(name, {**start, "A": end - 1e-6}) is not None
    # no chord cuts off much below the curve
    middles = [((a + b) / 2, (s + t) / 2) for (a, s), (b, t) in pairwise(points)]
    for A, S in middles[-3:]:
        assert 1 - expected(name, {**start, "A": A}) - S < 2e-3


@pytest.mark.slow  # starts a browser
def test_the_normal_law_in_the_browser(page):
    rng = np.random.default_rng(15)
    points = [
        0,
        -0.1,
        1.999,
        2.001,
        -1.999,
        -2.001,
        -5,
        -10,
        -20,
        -37,
        5,
        8,
        *rng.normal(0, 4, 200),
    ]
    shares = [1e-300, 1e-100, 1e-20, 1e-5, 0.3, 0.7, 1 - 1e-9, *rng.uniform(0, 1, 200)]
    normal = [["cdf", float(x)] for x in points] + [["quantile", float(p)] for p in shares]
    found = ask(page, normal=normal)["normal"]
    assert found == pytest.approx([*ndtr(points), *ndtri(shares)], rel=1e-12, abs=1e-300)


def test_what_is_embedded_cannot_end_its_script():
    assert "<" not in markup.embedded({"a": "</script>"})
