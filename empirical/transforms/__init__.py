"""Rotations and translations of images."""
