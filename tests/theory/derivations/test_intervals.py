"""Intervals contain the values, and prove inequalities on a box only."""

import mpmath
import pytest
import sympy as sp
from hypothesis import given, strategies as st

from theory.derivations.intervals import IntervalProof, enclose
from theory.derivations.methods import Assumption, UnprovedError
from theory.derivations.notation import Phi, Quantile

X, Y = sp.symbols("x y", real=True)
SYMBOLS = (X, sp.Integer(-1), sp.Integer(1))


@given(st.fractions(-9, 9, max_denominator=10**6))
def test_phi_is_enclosed(point: object) -> None:
    found = enclose(Phi(sp.Rational(point)), {}, {})
    with mpmath.workdps(50):
        exact = mpmath.ncdf(mpmath.mpf(point.numerator) / point.denominator)  # type: ignore[attr-defined]
        assert mpmath.mpf(found.a._mpi_[0]) <= exact <= mpmath.mpf(found.b._mpi_[1])
        if abs(float(point)) <= 6:  # type: ignore[arg-type]
            assert mpmath.mpf(found.delta._mpi_[1]) < 1e-20


@given(st.fractions("1/1000000", "999999/1000000", max_denominator=10**7))
def test_quantile_is_enclosed(level: object) -> None:
    found = enclose(Quantile(sp.Rational(level)), {}, {})
    with mpmath.workdps(50):
        target = mpmath.mpf(level.numerator) / level.denominator  # type: ignore[attr-defined]
        low, high = (mpmath.mpf(found._mpi_[i]) for i in (0, 1))
        assert mpmath.ncdf(low) <= target <= mpmath.ncdf(high)
        assert high - low < 1e-4


def test_proves_on_the_box() -> None:
    how = IntervalProof((SYMBOLS,)).prove(sp.Ge(sp.exp(X), 1 + X - sp.Rational(1, 50)), ())
    assert "-1 <= x <= 1" in how
    assert "only there" in how
    assert IntervalProof((SYMBOLS,)).prove(sp.Lt(abs(X) ** 3, 2), ())
    assert IntervalProof(((X, 0, 1),)).prove(sp.Le(sp.sqrt(X), 1), ())


def test_rejects_what_is_false_somewhere() -> None:
    with pytest.raises(UnprovedError, match="intervals do not prove"):
        IntervalProof((SYMBOLS,)).prove(sp.Ge(sp.exp(X), 1 + X + sp.Rational(1, 1000)), ())
    with pytest.raises(UnprovedError, match="intervals do not prove"):
        IntervalProof((SYMBOLS,)).prove(sp.Gt(sp.Max(X, -X), 0), ())


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        (sp.Ge(X + Y, -5), "must bound"),
        (sp.Ge(sp.cos(X), -2, evaluate=False), "no interval rule for cos"),
        (sp.Ge(sp.sqrt(X), 0, evaluate=False), "reaches below 0"),
        (
            sp.Ge(sp.Abs(X) ** sp.Rational(1, 3), -1, evaluate=False),
            "no interval rule for the power",
        ),
        (sp.Ge(Quantile(X), -100), r"leaves \(0, 1\)"),
        (sp.Eq(X, 0), "an inequality is needed"),
    ],
)
def test_refuses_what_it_cannot_treat(claim: object, message: str) -> None:
    with pytest.raises(UnprovedError, match=message):
        IntervalProof((SYMBOLS,)).prove(claim, ())


def test_takes_no_other_hypotheses() -> None:
    with pytest.raises(UnprovedError, match="from the box alone"):
        IntervalProof((SYMBOLS,)).prove(sp.Ge(X, -2), (Assumption(sp.Ge(X, 0), X),))
