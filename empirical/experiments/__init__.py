"""Named experiments: runs, plans, sweeps and the choice of learning rates."""
