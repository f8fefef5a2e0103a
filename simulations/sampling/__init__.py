"""Accuracies by sampling: scores and inputs, rare errors, sequential tests."""
