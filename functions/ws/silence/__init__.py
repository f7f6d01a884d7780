"""Ends sockets that say nothing any more."""
