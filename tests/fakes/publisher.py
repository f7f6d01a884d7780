"""Definitions as a scanner finds them, in object storage that is a dict."""

from pathlib import Path

from core.messages.definitions import DEFINITIONS_POINTER, DefinitionsManifest
from dev import definitions
from tests.fakes.clock import FakeClock
from tests.fakes.objects import FakeObjectStore

BUCKET = "definitions"


class Publisher:
    """Definitions in a fake bucket, with the pointer on the last published."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        self.store = FakeObjectStore()
        self._folder = folder
        self._clock = clock
        self._count = 0

    def publish(self, extra: str = "", *, eicar: bool = True) -> DefinitionsManifest:
        self._count += 1
        folder = definitions.build_builtin(self._folder / str(self._count))
        if extra:
            (folder / "extra.ndb").write_text(extra)
        if not eicar:
            (folder / "eicar.ndb").write_text("Something.Else:0:*:deadbeefdeadbeef\n")
        manifest = definitions.manifest_of(folder, "builtin", self._clock.now())
        for file in manifest.files:
            self.store.add(BUCKET, file.key, (folder / file.name).read_bytes())
        self.store.add(BUCKET, DEFINITIONS_POINTER, manifest.model_dump_json().encode())
        return manifest
