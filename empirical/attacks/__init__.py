"""Attacks on images, adversarial and spatial."""
