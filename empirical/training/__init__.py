"""Objectives, recipes, schedules and the training loop."""
