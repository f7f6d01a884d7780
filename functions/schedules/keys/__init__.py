"""At a deploy: makes the first pair of keys that signs access tokens."""
