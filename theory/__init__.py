"""Bounds on the trade-off between spatial and adversarial accuracy."""

from theory import catalogue
from theory.gaussian import gaussian_tradeoff, log_gaussian_tradeoff
from theory.residual import Residual, attack_residual, residuals
from theory.setting import GaussianMixture, Setting
from theory.transformations import Transformations, cyclic_shifts, quarter_turns

__all__ = [
    "GaussianMixture",
    "Residual",
    "Setting",
    "Transformations",
    "attack_residual",
    "catalogue",
    "cyclic_shifts",
    "gaussian_tradeoff",
    "log_gaussian_tradeoff",
    "quarter_turns",
    "residuals",
]
