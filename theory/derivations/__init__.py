"""Derivations of the closed forms of THEORY.md, section 9; see `theory.derive`."""
