"""The stream socket."""
