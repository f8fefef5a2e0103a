"""The Gaussian trade-off function (THEORY.md, section 2), in double precision and beyond."""
