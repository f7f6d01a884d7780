"""How long to wait before the next try: full jitter parts those who met.

https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
"""

import random

_DOUBLINGS_MAX = 6


def full_jitter(base_s: float, attempt: int) -> float:
    """Seconds, anything up to `base_s` doubled `attempt` times, six at most."""
    return random.uniform(0, base_s * 2 ** min(attempt, _DOUBLINGS_MAX))  # noqa: S311 - no secret is made of it
