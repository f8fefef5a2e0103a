"""All curves obey the same rules: they are sound everywhere, answer arrays, and can be shown."""

import sys

import matplotlib as mpl
import numpy as np
import pytest

import theory
from tests.theory.settings import random_setting
from theory.checks import MissingExtraError
from theory.frontiers.frontier import frontier
from theory.frontiers.halfspaces import halfspace_frontier
from theory.setting.curves import Curve, concave_envelope, monotone_limit

SETTING = random_setting(6)


@pytest.fixture(scope="module")
def curves():
    found = frontier(SETTING, points=9, weights=3, samples=1 << 12, steps=0)
    return {
        "Frontier": found,
        "PairwiseBound": found.certified,
        "JointBound": found.joint_bounds[1],
        "HalfspaceFrontier": halfspace_frontier(SETTING, np.linspace(0.1, 0.9, 5)),
    }


OUTER = ("Frontier", "PairwiseBound", "JointBound")
ALL = (*OUTER, "HalfspaceFrontier")


def test_every_curve_of_the_package_is_tested_here(curves):
    public = {name for name in theory.__all__ if isinstance(getattr(theory, name), type)}
    assert {name for name in public if issubclass(getattr(theory, name), Curve)} == set(ALL)
    assert {name: type(curve).__name__ for name, curve in curves.items()} == {n: n for n in ALL}


@pytest.mark.parametrize("name", ["Frontier", "PairwiseBound"])
def test_between_grid_points_no_certified_curve_exceeds_the_solution_there(curves, name):
    errors = np.random.default_rng(0).uniform(curves["PairwiseBound"].floor, 1.0, 40)
    solved = theory.pairwise_bound(SETTING, errors)
    joint = np.max([bound(errors) for bound in curves["Frontier"].joint_bounds], axis=0)
    limit = solved.spatial_error + solved.gap
    if name == "Frontier":
        limit = np.maximum(limit, joint)
    assert (curves[name](errors) <= limit).all()
    # chords of the convex curve would exceed it, so this test can fail
    grid = curves["PairwiseBound"]
    order = grid.adversarial_error.argsort()
    chord = np.interp(errors, grid.adversarial_error[order], grid.spatial_error[order])
    assert (chord > solved.spatial_error + solved.gap).any()


@pytest.mark.parametrize("name", OUTER)
def test_no_halfspace_is_above_an_outer_curve(curves, name):
    reached = curves["HalfspaceFrontier"]
    limit = curves[name](1.0 - reached.adversarial_accuracy)
    assert (limit <= 1.0 - reached.spatial_accuracy + 1e-12).all()


@pytest.mark.parametrize("name", ALL)
def test_curves_answer_any_shape_and_fall(curves, name):
    curve = curves[name]
    errors = np.linspace(0.0, 1.0, 42)
    found = curve(errors)
    assert found.shape == (42,)
    assert np.array_equal(curve(errors.reshape(6, 7)).ravel(), found, equal_nan=True)
    assert isinstance(curve(0.5), float)
    assert curve(0.5) == curve([0.5])[0]
    known = found[~np.isnan(found)]
    assert (np.diff(known) <= 1e-12).all()
    assert known.min() >= 0.0
    assert known.max() <= 1.0


def test_at_its_own_points_a_curve_is_what_was_found(curves):
    bound, whole, reached = curves["PairwiseBound"], curves["Frontier"], curves["HalfspaceFrontier"]
    assert np.array_equal(bound(bound.adversarial_error), bound.spatial_error)
    assert np.allclose(whole(bound.adversarial_error), 1.0 - whole.outer, atol=1e-12)
    there = reached(1.0 - reached.adversarial_accuracy)
    assert (there <= 1.0 - reached.spatial_accuracy + 1e-12).all()


def test_beyond_the_ends(curves):
    bound, reached = curves["PairwiseBound"], curves["HalfspaceFrontier"]
    assert bound(0.0) == bound(0.99 * bound.floor) == 1.0
    part = theory.pairwise_bound(SETTING, [0.4, 0.3])
    assert part(0.41) == 0.0
    assert part(0.35) == part.spatial_error[0]
    assert np.isnan(reached(0.0))
    assert reached(1.0) == 1.0 - reached.spatial_accuracy.max()


def test_a_mixture_of_halfspaces_reaches_the_chord(curves):
    reached = curves["HalfspaceFrontier"]
    order = reached.adversarial_accuracy.argsort()
    robust, spatial = reached.adversarial_accuracy[order], reached.spatial_accuracy[order]
    k = int(np.diff(robust).argmax())
    middle = 1.0 - 0.5 * (robust[k] + robust[k + 1])
    assert reached(middle) <= 1.0 - 0.5 * (spatial[k] + spatial[k + 1]) + 1e-12


def test_limits_know_only_what_is_monotone():
    known, least = np.array([0.5, 0.1, 0.3]), np.array([0.0, 0.4, 0.5])
    errors = np.array([0.05, 0.1, 0.2, 0.3, 0.4, 0.6])
    assert monotone_limit(known, least, errors).tolist() == [0.5, 0.5, 0.5, 0.5, 0.0, 0.0]


@pytest.mark.parametrize("name", ALL)
def test_bad_errors(curves, name):
    with pytest.raises(ValueError, match=r"adversarial_error must lie in \[0, 1\], got 1.5"):
        curves[name]([0.1, 1.5])


@pytest.mark.parametrize("name", ALL)
def test_frames_hold_the_columns(curves, name):
    frame = curves[name].to_frame()
    assert type(frame).__name__ == "DataFrame"
    columns = curves[name].columns()
    assert list(frame.columns) == list(columns)
    for column, values in columns.items():
        assert np.array_equal(frame[column].to_numpy(), values, equal_nan=values.dtype.kind == "f")


@pytest.mark.parametrize("name", ALL)
def test_the_picture_shows_the_curve(curves, name):
    mpl.use("agg")
    from matplotlib import pyplot

    axes = curves[name].plot(color="k")
    (line,) = axes.get_lines()
    assert curves[name].plot(axes) is axes
    accuracy, spatial = line.get_data()
    assert (np.diff(accuracy) > 0).all()
    assert (line.get_drawstyle() == "steps-post") == (name in OUTER)
    # what is drawn at an accuracy is on the sound side of the curve there
    asked = np.random.default_rng(0).uniform(accuracy[0], accuracy[-1], 50)
    limit = 1.0 - curves[name](1.0 - asked)
    if name in OUTER:
        drawn = spatial[np.searchsorted(accuracy, asked, side="right") - 1]
        assert (drawn >= limit - 1e-12).all()
        assert (drawn - limit).max() < 0.1
    else:
        assert np.allclose(np.interp(asked, accuracy, spatial), limit)
    pyplot.close("all")


@pytest.mark.parametrize(("module", "extra"), [("pandas", "frames"), ("matplotlib", "figures")])
def test_what_is_not_installed_is_named(curves, module, extra, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    curve = curves["JointBound"]
    with pytest.raises(MissingExtraError, match=rf"{module} must be installed: .*\[{extra}\]"):
        curve.to_frame() if module == "pandas" else curve.plot()


def test_public_objects_are_short_in_words(curves):
    shown = {
        **curves,
        "Setting": SETTING,
        "GaussianMixture": SETTING.mixture,
        "Transformations": SETTING.transformations,
        "Residual": theory.attack_residual(np.ones(300), 0.1, sigma=1.0),
        "Derivation": theory.derive("robust-feature"),
        "RotatedMeans": theory.RotatedMeans(np.eye(30)[None]),
        "TemplateClassifier": theory.TemplateClassifier(
            np.ones((50, 300)), np.zeros(50), np.arange(50)
        ),
    }
    public = {name for name in theory.__all__ if isinstance(getattr(theory, name), type)}
    assert public == set(shown)
    for name, one in shown.items():
        assert repr(one).startswith(f"{name}(")
        assert len(repr(one)) < 250
        assert "\n" not in repr(one)


def test_a_setting_alone_suffices():
    found = frontier(random_setting(1), points=3, weights=1, samples=1024, steps=1)
    again = frontier(random_setting(1), points=3, weights=1, samples=1024, steps=1, rng=0)
    assert np.array_equal(found.outer, again.outer)
    assert theory.joint_bound(SETTING, 0.5, samples=1024).upper > 0.5
    grid = theory.pairwise_bound(SETTING, points=3)
    assert np.allclose(grid.adversarial_error, [1.0, 0.5 + 0.5 * grid.floor, grid.floor])
    assert grid.attainable.all()
    with pytest.raises(ValueError, match="points must be >= 2, got 1"):
        theory.pairwise_bound(SETTING, points=1)


def test_concave_envelope_drops_what_lies_below_a_chord():
    x, y = concave_envelope(np.array([0.0, 0.5, 1.0, 0.2]), np.array([1.0, 0.4, 0.0, 0.9]))
    np.testing.assert_array_equal(x, [0.0, 0.2, 1.0])
    np.testing.assert_array_equal(y, [1.0, 0.9, 0.0])


def test_concave_envelope_drops_what_is_beaten_twice():
    x, y = concave_envelope(np.array([0.0, 0.5, 0.5]), np.array([0.6, 0.7, 0.6]))
    assert (x.tolist(), y.tolist()) == ([0.5], [0.7])
    assert concave_envelope(np.array([0.3]), np.array([0.2]))[0] == pytest.approx([0.3])
