"""Every step of every derivation is proved, and its formulas are those of the numeric modules."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from theory import catalogue
from theory.bounds.cyclic_codes import cyclic_code_bound
from theory.bounds.two_class import two_class_bound
from theory.derivations.derive import NAMES, Derivation, Step, UnprovedError, derive
from theory.derivations.methods import Identity
from theory.gaussian.tradeoff import gaussian_tradeoff
from theory.residual.attack import attack_residual
from theory.setting.setting import Setting

DERIVATIONS = {name: derive(name) for name in NAMES}
# steps that several derivations share are proved once
STEPS = {step: f"{name}-{step.name}" for name in NAMES for step in DERIVATIONS[name].steps}
ERRORS = np.array([1e-6, 0.001, 0.02, 0.1, 0.3, 0.45])


@pytest.mark.parametrize("step", STEPS, ids=STEPS.values())
def test_step_is_proved(step: Step) -> None:
    proved = step.verify()
    assert proved.step == step.name
    assert proved.how


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS, ids=STEPS.values())
def test_wrong_step_is_rejected(step: Step) -> None:
    """An equation off by a thousandth, an inequality turned round."""
    left, right = step.claim.lhs, step.claim.rhs
    if isinstance(step.claim, sp.Equality):
        wrong = sp.Eq(left, right + sp.Rational(1, 1000), evaluate=False)
    elif isinstance(step.claim, sp.GreaterThan | sp.StrictGreaterThan):
        wrong = sp.Lt(left, right, evaluate=False)
    else:
        wrong = sp.Gt(left, right, evaluate=False)
    with pytest.raises(UnprovedError, match="is not proved"):
        replace(step, claim=wrong).verify()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("slope", lambda c: sp.Eq(c.lhs, 2 * c.rhs)),
        ("tangents lie below", lambda c: sp.Ge(c.lhs, c.rhs + sp.Rational(1, 100))),
        ("bound", lambda c: sp.Eq(c.lhs, c.rhs * sp.Rational(99, 100))),
        ("monotone in eta", lambda c: sp.Gt(c.lhs, 0, evaluate=False)),
        ("a certified region", lambda c: sp.Ge(c.lhs, sp.Rational(9, 25))),
    ],
)
def test_planted_error_is_found_and_named(name: str, wrong: object) -> None:
    good = DERIVATIONS["cyclic-code"]
    step = good.step(name)
    planted = replace(step, claim=wrong(step.claim))  # type: ignore[operator]
    bad = Derivation("cyclic-code", "with an error", "", (good.steps[0], planted))
    with pytest.raises(UnprovedError, match=f"step '{name}' is not proved"):
        bad.verify()


def test_verify_reports_every_step() -> None:
    short = replace(DERIVATIONS["robust-feature"], steps=DERIVATIONS["robust-feature"].steps[-2:])
    assert [proved.step for proved in short.verify()] == [step.name for step in short.steps]


def test_tradeoff_function_agrees() -> None:
    value = DERIVATIONS["cyclic-code"].as_function("no separation")
    np.testing.assert_allclose(value(a=ERRORS), gaussian_tradeoff(ERRORS, 0.0), rtol=1e-12)
    shape = DERIVATIONS["cyclic-code"].as_function("type II error")
    points = np.array([-2.0, 0.5, 3.0])
    from scipy.special import ndtr

    expected = gaussian_tradeoff(ndtr(-points), 1.3)
    np.testing.assert_allclose(shape(z=points, rho=1.3), expected, rtol=0, atol=1e-12)


def test_cyclic_code_bound_agrees() -> None:
    bound = DERIVATIONS["cyclic-code"].as_function("bound")
    for eta, epsilon in ((0.25, 0.4), (0.25, 0.5), (0.3, 0.1)):
        found = bound(e=ERRORS, nu=0.75, d=16, eta=eta, epsilon=epsilon, sigma=0.5)
        expected = cyclic_code_bound(
            ERRORS, free=0.75, eta=eta, sigma=0.5, epsilon=epsilon, length=16
        )
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("epsilon", [0.0, 0.05, 0.12, 0.3])
def test_orientation_texture_bound_agrees(epsilon: float) -> None:
    setting = catalogue.defaults()["orientation-texture"].with_epsilon(epsilon)
    turned = setting.transformed_means[:, 1]
    pattern = (turned - turned.mean() > 0).astype(int)
    half = [int((pattern[g] != pattern[1]).sum()) // 2 for g in range(4)]
    bound = DERIVATIONS["orientation-texture"].as_function("bound")
    found = bound(
        e=ERRORS, alpha=0.4, eta=0.06, sigma=0.4, epsilon=epsilon, d=256,
        N_0=half[0], N_2=half[2], N_3=half[3],
    )  # fmt: skip
    assert half[1] == 0
    np.testing.assert_allclose(found, two_class_bound(setting, ERRORS), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("degrees", "steps"), [(0.0, 0), (45.0, 3), (165.0, 11)])
def test_rotating_bump_bound_agrees(degrees: float, steps: int) -> None:
    values = {"alpha": 0.9, "eta": 0.1, "width": 0.6, "sigma": 0.5, "epsilon": 0.3}
    setting = catalogue.rotating_bump(24, 4, max_degrees=degrees, **values)
    bound = DERIVATIONS["rotating-bump"].as_function("bound")
    found = [float(bound(e=error, K=24, R=4, n=steps, **values)) for error in ERRORS]
    np.testing.assert_allclose(found, two_class_bound(setting, ERRORS), rtol=0, atol=1e-12)


def test_robust_feature_bound_agrees() -> None:
    setting = catalogue.defaults()["robust-feature"].with_epsilon(0.3)
    means, labels = setting.mixture.means, setting.mixture.labels
    truthful = next(i for i in range(4) if labels[i] == 1 and means[i, 0] > 0)
    lying = next(i for i in range(4) if labels[i] == 0 and means[i, 0] > 0)
    r = attack_residual(means[truthful] - means[lying], 0.3, sigma=setting.mixture.sigma).value
    expected = 0.25 * (0.95 * gaussian_tradeoff(0.8, r) + 0.05 * gaussian_tradeoff(0.1, r))
    bound = DERIVATIONS["robust-feature"].as_function("bound")
    found = bound(
        a_lying=0.8, a_true=0.1, p=0.95, nu_0=0.25, m=15, eta=0.25, epsilon=0.3, sigma=0.5
    )
    assert float(found) == pytest.approx(float(expected), abs=1e-12)


def test_covered_robust_feature_bound_is_below_the_pairwise_network() -> None:
    from theory.bounds.pairwise import pairwise_bound

    setting: Setting = catalogue.defaults()["robust-feature"]
    bound = DERIVATIONS["robust-feature"].as_function("covered bound")
    for error in (0.06, 0.2):
        assert (
            pairwise_bound(setting, error).spatial_error >= bound(e=error, p=0.95, nu_0=0.25) - 1e-6
        )


@pytest.mark.parametrize("name", NAMES)
def test_renderings_contain_every_step(name: str) -> None:
    derivation = DERIVATIONS[name]
    text, markdown, latex = derivation.to_text(), derivation.to_markdown(), derivation.to_latex()
    for number, step in enumerate(derivation.steps, 1):
        assert f"{number}. {step.name}" in text
        assert f"## {number}. {step.name}" in markdown
    assert markdown.count("```math") * 2 == markdown.count("```")
    assert latex.count(r"\item") == len(derivation.steps)
    assert latex.count("{") == latex.count("}")
    assert "interval arithmetic" in text
    assert "only" in text
    assert r"\Phi" in markdown


def test_bad_input() -> None:
    with pytest.raises(ValueError, match=r"name must be one of cyclic-code, .*, got 'moebius'"):
        derive("moebius")
    derivation = DERIVATIONS["cyclic-code"]
    with pytest.raises(
        ValueError, match=r"name must be that of one of the \d+ steps, such as .*, got 'magic'"
    ):
        derivation.as_function("magic")
    with pytest.raises(ValueError, match="keywords must be a, got error"):
        derivation.as_function("no separation")(error=0.1)
    same = Step("twice", sp.Eq(sp.Symbol("x"), 0), "a name used twice", Identity())
    with pytest.raises(ValueError, match=r"distinct names, got \['twice'\] twice"):
        Derivation("x", "x", "", (same, same))


def test_theory_does_not_import_sympy() -> None:
    code = "import sys, theory; assert 'sympy' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
