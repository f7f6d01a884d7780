"""One module per outside thing. A vendor's error leaves this room only as one of core/domain/errors.py."""
