"""What we make up for people to keep, nobody else makes up."""

import ast
from math import log2
from pathlib import Path

from core.domain import api_keys, sockets
from core.domain.second_factor import new_recovery_codes
from core.domain.tickets import TICKET_BYTES
from schedules.keys.kinds import HMAC_BYTES

FUNCTIONS = Path(__file__).parents[3] / "functions"
FOR_WAITING = {"core/domain/backoff.py"}
"""Jitter before another try: no secret is made of it."""
BITS = 112
"""OWASP ASVS 5, 6.5.4 asks for 20 of a code that is tried a few times; these are tried by nobody who counts."""


def imports_random(source: Path) -> bool:
    names = [
        name
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module])
    ]
    return "random" in names


def test_nothing_secret_is_made_of_pseudo_random_numbers() -> None:
    found = {str(path.relative_to(FUNCTIONS)) for path in FUNCTIONS.rglob("*.py") if imports_random(path)}
    assert found == FOR_WAITING


def test_what_we_hand_out_can_not_be_guessed() -> None:
    assert TICKET_BYTES * 8 >= BITS
    assert sockets.TICKET_BYTES * 8 >= BITS
    assert HMAC_BYTES * 8 >= BITS
    assert len(api_keys.new_secret()) * log2(64) >= BITS
    codes = new_recovery_codes()
    assert len(set(codes)) == len(codes) == 10
    assert all(sum(char.isalnum() for char in code) * log2(32) >= BITS for code in codes)
