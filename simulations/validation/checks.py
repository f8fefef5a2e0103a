"""Checks of the theory by simulation: one function per question, rows of verdicts as answer.

Each check has the form ``check(setting, samples, seed_sequence) -> rows`` and draws everything
from its own streams, so that it can run as a task on any worker.  A check of a right theory
fails with probability at most about 1e-12 for each row, hence 1e-9 for a whole record of at
most 1,000 rows.

Rows are the same for every kernel of the linear algebra: what is searched for is rounded before
use, bases are canonical, ties are exact, computed numbers keep nine digits.  A processor with
other instructions for exp and log gives the same counts and verdicts; the limits of crossings
may then differ by up to 1e-5, the tolerance at which cutting planes stop (both tested in
``test_kernels.py``).
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from simulations.validation.bounds import closed_forms, no_crossing
from simulations.validation.convergence import convergence
from simulations.validation.inner import inner_curve
from simulations.validation.power import power
from simulations.validation.random_settings import random_settings
from simulations.validation.rare_errors import rare_errors
from theory.setting.setting import Setting

__all__ = ["CHECKS", "Check"]

Check = Callable[[Setting, int, np.random.SeedSequence], list[dict[str, Any]]]

CHECKS: dict[str, Check] = {
    "closed-forms": closed_forms,
    "no-crossing": no_crossing,
    "inner-curve": inner_curve,
    "convergence": convergence,
    "rare-errors": rare_errors,
    "power": power,
    "random-settings": random_settings,
}
