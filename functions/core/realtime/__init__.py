"""Delivery to open sockets."""
