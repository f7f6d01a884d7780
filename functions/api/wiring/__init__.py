"""One module per deployed API function, and what they share."""
