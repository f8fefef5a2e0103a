"""Convolutional networks, standard and equivariant."""
