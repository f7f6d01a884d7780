"""Who may do a thing that must happen once although its message comes twice."""

from enum import StrEnum


class Claim(StrEnum):
    WON = "won"
    """It is this worker's to do."""
    BUSY = "busy"
    """Another worker holds it; come back after its lease."""
    DONE = "done"
