"""What a bound is about: mixtures, transformations, adversaries, and the named settings."""

import lazy_loader

__getattr__, __dir__, _ = lazy_loader.attach(__name__, submodules=["catalogue"])
