import base64
import hashlib
import json

from core.domain.errors import *
from core.domain.tracks import StoredObject
from core.ports import *


class FakeClock:
    def __init__(self, at):
        self.at = at

    def now(self):
        return EpochSeconds(self.at)

    def advance(self, s):
        self.at += s


class FakeHasher:
    def __init__(self):
        self.verified = 0

    def hash(self, p):
        return "h:" + hashlib.sha256(p.encode()).hexdigest()

    def verify(self, h, p):
        self.verified += 1
        return h == self.hash(p)

    def decoy(self):
        return "h:none"


class FakeSigner:
    def __init__(self, clock):
        self.clock = clock

    def sign(self, c):
        b = base64.urlsafe_b64encode(
            json.dumps([c.account_id, c.session_id, c.issued_at, c.expires_at]).encode()
        ).decode()
        return f"h.{b}.{hashlib.sha256(b.encode()).hexdigest()}"

    def verify(self, t):
        p = t.split(".")
        if len(p) != 3 or hashlib.sha256(p[1].encode()).hexdigest() != p[2]:
            raise NotAuthenticated("x", code="token_invalid")
        a, s, i, e = json.loads(base64.urlsafe_b64decode(p[1]))
        if e <= self.clock.now():
            raise NotAuthenticated("x", code="token_expired")
        return AccessClaims(account_id=a, session_id=s, issued_at=i, expires_at=e)

    def jwks(self):
        return {"keys": [{"kid": "1", "kty": "RSA"}]}


class FakeQueue:
    def __init__(self):
        self.bodies = []
        self.down = False

    def send(self, body):
        if self.down:
            raise QueueUnavailable("down")
        self.bodies.append(body)


class FakeStorage:
    def __init__(self):
        self.objs = {}
        self.multi = {}
        self.down = False

    def _up(self):
        if self.down:
            raise StorageUnavailable("down")

    def head(self, bucket, key, version_id=None):
        self._up()
        if (bucket, key) not in self.objs:
            raise ObjectGone("gone")
        b = self.objs[bucket, key]
        size = b if isinstance(b, int) else len(b)
        return ObjectInfo(object=StoredObject(bucket=bucket, key=key, version_id="v1"), etag="e", size_bytes=size)

    def read_range(self, obj, start, end):
        return self.objs[obj.bucket, obj.key][start:end]

    def list_keys(self, bucket, prefix):
        self._up()
        yield from ()

    def put(self, bucket, key, body, *, content_type, cache_control="", content_encoding=""):
        self.objs[bucket, key] = body


class FakeDoor:
    def __init__(self, storage, bucket):
        self.s = storage
        self.bucket = bucket
        self.n = 0

    def sign_put(self, key, *, size_bytes, content_type, sha256, expires_s):
        return SignedRequest(url=f"http://s/{key}", headers={})

    def start_multipart(self, key, *, content_type):
        self.n += 1
        self.s.multi[key, f"m{self.n}"] = {}
        return f"m{self.n}"

    def sign_part(self, key, multipart_id, part_number, *, size_bytes, expires_s):
        return SignedRequest(url=f"http://s/{key}/{part_number}", headers={})

    def list_parts(self, key, mid):
        return list(self.s.multi.get((key, mid), {}).values())

    def complete_multipart(self, key, mid, parts):
        m = self.s.multi.pop((key, mid), None)
        if m is None:
            return
        self.s.objs[self.bucket, key] = sum(p.size_bytes for p in m.values())

    def abort_multipart(self, key, mid):
        self.s.multi.pop((key, mid), None)


def _store_part(self, key, mid, number, size):
    self.s.multi[key, mid][number] = StoredPart(part_number=number, etag=f"e{number}", size_bytes=size)
    return f"e{number}"


FakeDoor.store_part = _store_part
FakeDoor.open_multiparts = lambda self: len(self.s.multi)
