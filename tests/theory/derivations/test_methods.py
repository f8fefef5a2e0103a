"""The methods prove what is true, and only that."""

import pytest
import sympy as sp

from theory.derivations.methods import Assumption, Identity, MinimumAt, Sign, UnprovedError
from theory.derivations.notation import Phi, Quantile, density, tradeoff

X, Y = sp.symbols("x y", real=True)
A = sp.Symbol("a", positive=True)


def test_identity() -> None:
    assert Identity().prove(sp.Eq((X + 1) ** 2, X**2 + 2 * X + 1), ())
    with pytest.raises(UnprovedError, match="does not reduce"):
        Identity().prove(sp.Eq((X + 1) ** 2, X**2 + 2 * X + 2), ())
    with pytest.raises(UnprovedError, match="an identity must be an equation"):
        Identity().prove(sp.Ge(X**2, 0, evaluate=False), ())


def test_identity_uses_its_hypotheses() -> None:
    claim = sp.Eq(sp.Max(X, 0), X)
    assert Identity().prove(claim, (Assumption(sp.Ge(X, 0), X),))
    with pytest.raises(UnprovedError):
        Identity().prove(claim, (Assumption(sp.Le(X, 0), X),))
    assert Identity().prove(
        sp.Eq(X + Y, 3), (Assumption(sp.Eq(X, 1), X), Assumption(sp.Eq(Y, 2), Y))
    )


def test_identity_splits() -> None:
    claim = sp.Eq(sp.Max(X, 0) - sp.Max(-X, 0), X)
    assert Identity(split=((X, X),)).prove(claim, ())
    with pytest.raises(UnprovedError):
        Identity(split=((X, X),)).prove(sp.Eq(sp.Max(X, 0), X), ())


def test_sign() -> None:
    claim = sp.Ge(X**2 - Y**2, 0)
    where = (Assumption(sp.Ge(X, Y), X), Assumption(sp.Ge(Y, 0), Y))
    assert Sign().prove(claim, where)
    with pytest.raises(UnprovedError, match="sign"):
        Sign().prove(claim, where[:1])
    with pytest.raises(UnprovedError, match="sign"):
        Sign().prove(sp.Gt(X**2 - Y**2, 0), where)


def test_strict_hypotheses_give_strict_conclusions() -> None:
    assert Sign().prove(sp.Gt(X, 0), (Assumption(sp.Gt(X, 0), X),))
    assert Sign().prove(sp.Lt(X, Y), (Assumption(sp.Lt(X, Y), X),))


def test_sign_of_a_difference_of_exponentials() -> None:
    where = (Assumption(sp.Ge(X, Y), X),)
    assert Sign().prove(sp.Ge(sp.exp(X), sp.exp(Y)), where)
    with pytest.raises(UnprovedError):
        Sign().prove(sp.Le(sp.exp(X), sp.exp(Y)), where)


def test_least() -> None:
    assert MinimumAt(X, 0).prove(sp.Ge(sp.exp(X), 1 + X), ())
    with pytest.raises(UnprovedError):
        MinimumAt(X, 0).prove(sp.Ge(sp.exp(X), 1 + X + sp.Rational(1, 100)), ())
    with pytest.raises(UnprovedError):
        MinimumAt(X, 1).prove(sp.Ge(sp.exp(X), 1 + X), ())
    with pytest.raises(UnprovedError):
        MinimumAt(X, 0).prove(sp.Ge(X**3, 0, evaluate=False), ())
    start = sp.Symbol("s", nonnegative=True)
    assert MinimumAt(start, 0, from_point=True).prove(sp.Ge(start**3, 0, evaluate=False), ())
    with pytest.raises(UnprovedError, match="need not exist"):
        MinimumAt(X, 0).prove(sp.Ge(sp.Max(X, 0), 0, evaluate=False), ())


def test_hypotheses_must_be_linear() -> None:
    with pytest.raises(UnprovedError, match="must be linear in x"):
        Sign().prove(sp.Ge(X, 0), (Assumption(sp.Ge(X**2, 1), X),))
    with pytest.raises(UnprovedError, match="must be linear in x"):
        Sign().prove(sp.Ge(X, 0), (Assumption(sp.Ge(X * Y, 1), X),))


def test_the_functions_are_those_of_the_normal_law() -> None:
    assert sp.diff(Phi(X), X) == density(X)
    assert sp.simplify(sp.diff(Phi(X).rewrite(sp.erf), X) - density(X)) == 0
    assert Quantile(Phi(X)).doit() == X
    assert Phi(Quantile(A)).doit() == A
    assert sp.simplify(Phi(Quantile(A)).rewrite(sp.erf)) == A
    assert sp.diff(Quantile(A), A) == 1 / density(Quantile(A))
    assert (Phi(0), Phi(sp.oo), Phi(-sp.oo)) == (sp.S.Half, 1, 0)
    assert tradeoff(A, 0) == Phi(-Quantile(A))


@pytest.mark.parametrize(
    ("method", "claim", "where", "message"),
    [
        (MinimumAt(X, 0, from_point=True), sp.Ge(X, 0, evaluate=False), (), "x must start at 0"),
        (Sign(), sp.Ge(X, 0, evaluate=False), (Assumption(sp.Ne(X, 0), X),), "an equation or an o"),
        (
            MinimumAt(X, 0),
            sp.Ge(sp.Piecewise((0, X < 1), (-1, True)), 0),
            (),
            "need not exist everywhere",
        ),
        (Sign(), sp.true, (), "a claim must be a relation"),
    ],
)
def test_what_a_method_does_not_cover_is_unproved(
    method: Sign | MinimumAt, claim: object, where: tuple[Assumption, ...], message: str
) -> None:
    with pytest.raises(UnprovedError, match=message):
        method.prove(claim, where)
