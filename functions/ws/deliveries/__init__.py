"""Brings frames to many sockets."""
