"""The table of docs/faults.md: what is done, by number; which files do it is read from the tests' own names.

`python -m tests.faults.catalogue` writes it anew.
"""

import re
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).parents[2] / "docs" / "faults.md"
DONE: Final = {
    1: "the same event, and every later message, many times at once",
    2: "events of two versions in both orders",
    3: "the arrival, or the order to transcode, is lost",
    4: "the event of an object that is gone",
    5: "keys with blanks, `+`, `%`, Unicode",
    6: "S3's test message, several records in one message, the end of a multipart upload",
    7: "poison among good messages; dead letters put back to work",
    8: "batches that fail whole, a queue full of poison",
    9: "a worker (scan, recheck, transcode, sweep) dies at each step boundary, also by a real SIGKILL",
    10: "death between segments, playlists and row",
    11: "work in progress of a dead worker, and of one that was only slow",
    12: "a presigned URL used again, changed, or used during the scan",
    13: "malware in any wrapping, archives, polyglots, nothing, silence, mutated files",
    14: "clamd, its definitions and their refresh fail",
    15: "ffmpeg hangs, lies or runs out of room; damaged and mutated files",
    16: "each call to DynamoDB is refused, loses its answer or is sent again",
    19: "sockets are gone, busy, or cut at random while fifty devices talk; frames are dropped",
    20: "tickets that are used, late, made up, or of another page, session or clock",
    22: "a burst of uploads while the API is in use",
    23: "messages and rows of older and newer code",
    24: "a track, or its owner's account, is deleted at each step of its scan and transcode",
    25: "random schedules of nearly all of these at once",
}
"""17, 18 and 21 belong to parts that don't exist yet or are tested beside them."""
PLACES: Final = ("faults", "integration/ws")
"""Folders of tests with such names."""
_TEST: Final = re.compile(r"^def test_fault_(\d\d)((?:_and_\d\d)*)_", re.MULTILINE)


def tests_by_number() -> dict[int, list[str]]:
    """Files with tests named after each number; by name those beside this one, the others with their folder."""
    found: dict[int, list[str]] = {}
    tests = Path(__file__).parents[1]
    for path in sorted(path for place in PLACES for path in (tests / place).glob("test_*.py")):
        numbers = {int(n) for match in _TEST.findall(path.read_text()) for n in re.findall(r"\d\d", "".join(match))}
        for number in numbers:
            folder = "" if path.parent.name == "faults" else f"{path.parent.relative_to(tests)}/"
            found.setdefault(number, []).append(f"{folder}{path.name}")
    return found


def page() -> str:
    """The whole page: what is there down to the table's head, and the table."""
    head, rule, _ = PAGE.read_text().partition("|---|---|---|\n")
    files = tests_by_number()
    rows = [
        f"| {number} | {what} | {', '.join(f'`{name}`' for name in files[number])} |" for number, what in DONE.items()
    ]
    return head + rule + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
