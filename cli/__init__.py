"""The command line `veza`: a client of the public API and of presigned storage URLs, nothing else."""
