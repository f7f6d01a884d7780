"""Bus events → letters to people."""
