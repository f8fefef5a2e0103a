"""Derivations of the closed forms of THEORY.md, section 9; imported through theory.derivations.derive."""
