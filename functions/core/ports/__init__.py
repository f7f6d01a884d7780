"""Protocols at the true seams. Fakes live in tests/fakes; a contract suite runs on each fake and real adapter."""
