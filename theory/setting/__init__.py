"""What a bound is about: mixtures, transformations, adversaries, and the named settings."""
