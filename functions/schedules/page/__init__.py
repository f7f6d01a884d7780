"""Puts the page's files into the bucket that the CDN serves, whenever a deployment brings other ones."""
