"""Consumers of the bus and of streams, one folder each."""
