"""Hearing a track: tickets to its media, the session of whoever hears it, listening together."""
