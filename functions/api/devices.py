"""What a User-Agent says, in words that its owner recognises."""

from typing import Final

UNKNOWN: Final = ""
READ_MAX: Final = 512
"""A longer one is somebody's joke; patterns are not let loose on it."""
NAME_MAX: Final = 60


def device_of(user_agent: str) -> str:
    """ "Firefox on Linux"; the program's own name for what is no browser; empty for nothing."""
    from ua_parser import parse  # a third of a second of patterns, which only a sign-in has to spend

    found = parse(user_agent[:READ_MAX])
    browser = found.user_agent.family if found.user_agent else _program(user_agent)
    system = found.os.family if found.os else UNKNOWN
    return " on ".join(part for part in (browser, system) if part)[:NAME_MAX]


def _program(user_agent: str) -> str:
    """The first product of the header (RFC 9110 §10.1.5): `veza-cli/0.1` is `veza-cli`."""
    product = user_agent.strip().partition(" ")[0].partition("/")[0]
    return product if product.isascii() and product.isprintable() else UNKNOWN
