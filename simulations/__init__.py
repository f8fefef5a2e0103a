"""Monte Carlo evidence for the theory, on one core or a cluster.

Classifiers are simulated through the few scores that they see of an input, from the exact law
of those scores, or in full dimension as a second road.  Estimates carry intervals that hold at
their level; runs leave records.  Names are imported when first used, so that
``import simulations`` stays cheap.

>>> import numpy as np
>>> from simulations import nearest_template, spatial_accuracy
>>> from theory.setting.catalogue import defaults
>>> setting = defaults()["orientation-texture"]
>>> nearest = nearest_template(setting)
>>> print(spatial_accuracy(setting, nearest, 1_000_000, rng=np.random.default_rng(1)))
0.992 [0.992, 0.992]
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
