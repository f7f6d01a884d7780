"""Measurements: how fast the parts are, on the machine that runs them. Results are committed beside."""
