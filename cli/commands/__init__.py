"""One module per group of commands; each translates options to a use case and its outcome to output."""
