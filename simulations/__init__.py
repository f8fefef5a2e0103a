"""Monte Carlo evidence for the theory: samplers, estimates with exact intervals, records."""
