"""What the commands answer: reports, verdicts, how to repeat them, and how they are printed."""
