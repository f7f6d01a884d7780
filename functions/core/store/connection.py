"""One PynamoDB connection per process.

PynamoDB builds a connection, with its own botocore session and client, for every model class (engines.md, Python
on Lambda). A client costs tens of milliseconds of cold start, so all rows share this one. botocore takes region,
credentials and AWS_ENDPOINT_URL from its usual places.
"""

from functools import cache

from pynamodb.connection import Connection


@cache
def shared_connection() -> Connection:
    """Time-outs are far below a function's own, so that retries (with botocore's back-off) still fit in."""
    return Connection(connect_timeout_seconds=2, read_timeout_seconds=5, max_retry_attempts=4, max_pool_connections=20)
