"""Classifiers that are simulated, and the attacks that they are exposed to."""
