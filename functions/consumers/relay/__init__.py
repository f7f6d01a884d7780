"""Outbox table stream → event bus."""
