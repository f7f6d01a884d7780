"""What a developer runs: the local cloud, its health, its logs, the demo. `make help` lists it."""
