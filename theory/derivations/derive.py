"""Symbolic derivations of the closed forms, every step proved on demand (THEORY.md, section 12).

Examples
--------
>>> from theory.derivations.derive import derive
>>> derivation = derive("cyclic-code")
>>> bound = derivation.as_function("bound")
>>> round(float(bound(e=0.1, nu=0.75, d=16, eta=0.25, epsilon=0.4, sigma=0.5)), 4)
0.1937
"""

from importlib import import_module
from types import ModuleType

from theory.checks import one_of
from theory.derivations.methods import UnprovedError
from theory.derivations.proof import Derivation, Proved, Step

__all__ = ["NAMES", "Derivation", "Proved", "Step", "UnprovedError", "derive"]

NAMES = ("cyclic-code", "orientation-texture", "rotating-bump", "robust-feature")


def derive(name: str) -> Derivation:
    """Return the derivation of the bound of a setting of the catalogue.

    The steps lead from the errors of a threshold test to the bound on the spatial error in
    closed form (THEORY.md, section 9), its regimes and its monotonicity. Nothing is proved until
    ``verify()`` is called on the result, or on one of its steps.

    Parameters
    ----------
    name : str
        One of ``NAMES``.

    Raises
    ------
    ValueError
        If there is no such derivation.
    """
    one_of("name", name, NAMES)
    module: ModuleType = import_module(f"theory.derivations.{name.replace('-', '_')}")
    found: Derivation = module.derivation()
    return found
