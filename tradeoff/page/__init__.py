"""The report: one HTML file that needs no network, with an explorer of the closed forms."""
