"""At a deploy and every month: makes the keys that sign access tokens."""
