"""Our pipeline under the clock: the deployed stack on a MiniStack of its own, met through its API and media URLs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

from bench.process_tree import Watch
from bench.runs import OURS, Run
from dev.engine import Engine
from dev.problem import Problem
from tests.cloud import Cloud, deployed, running_engine
from tests.faults.pipeline import Pipeline
from tests.people import Artist, signed_in

POLL_S: Final = 0.02
POLL_SHARE: Final = 0.01
"""Of the time gone by: so often we look, as every look takes CPU from what is measured."""
POLL_MAX_S: Final = 1.0
POLL_PLAYABLE_S: Final = 0.25
"""Once it plays: a look takes some 5 ms of CPU, and what is left to wait for is long."""
PATIENCE_S: Final = 2 * 3600
ENDED: Final = frozenset({"rejected", "failed"})


@dataclass(slots=True, kw_only=True)
class Stage:
    """The deployed stack and somebody who uploads to it."""

    cloud: Cloud
    engine_pid: int
    artist: Artist

    @property
    def pipeline(self) -> Pipeline:
        return Pipeline(cloud=self.cloud)

    def send(self, path: Path, title: str) -> tuple[str, float]:
        """Uploads a file as artists do: its track, and the moment the last byte was there."""
        data = path.read_bytes()
        upload = self.artist.announce(path.name, data, title=title)
        answer = self.artist.send(upload, data)
        sent_at = time.monotonic()
        if answer.status_code != 200:
            raise Problem(f"{path.name} could not be uploaded.", detail=answer.text)
        return str(upload["track_id"]), sent_at

    def state_of(self, track_id: str) -> str:
        """Its state; a Problem if it ended badly."""
        track = self.artist.track(track_id)
        if track["state"] in ENDED:
            raise Problem(f"The track ended as {track['state']}.", detail=str(track.get("state_reason")))
        return str(track["state"])

    def plays(self, track_id: str) -> bool:
        """Whether a player gets what it needs for the first sound: master, playlist, init and first segment."""
        answer = self.artist.call("POST", f"/tracks/{track_id}/stream")
        if answer.status_code != 200:
            return False
        at = str(answer.json()["hls_url"])
        for _ in ("master", "playlist"):
            reply = self.cloud.http.get(at)
            if reply.status_code != 200:
                return False
            listed = reply.text.splitlines()
            first = next((line for line in listed if line and not line.startswith("#")), None)
            if first is None:
                return False
            init = next((line.split('"')[1] for line in listed if line.startswith("#EXT-X-MAP:")), None)
            if init and self.cloud.http.get(urljoin(at, init)).status_code != 200:
                return False
            at = urljoin(at, first)
        return self.cloud.http.get(at).status_code == 200

    def wait_until_ready(self, track_id: str, sent_at: float) -> tuple[float, float]:
        """Seconds from `sent_at` until the track could be played, and until it was ready."""
        playable_s = None
        while (elapsed := time.monotonic() - sent_at) < PATIENCE_S:
            state = self.state_of(track_id)
            if playable_s is None and state in {"playable", "ready"} and self.plays(track_id):
                playable_s = time.monotonic() - sent_at
            if state == "ready" and playable_s is not None:
                return playable_s, time.monotonic() - sent_at
            shortest_s = POLL_S if playable_s is None else POLL_PLAYABLE_S
            time.sleep(min(POLL_MAX_S, max(shortest_s, elapsed * POLL_SHARE)))
        raise Problem(f"The track was not ready after {PATIENCE_S / 60:.0f} minutes.")

    def measure(self, path: Path) -> Run:
        """One file from its last uploaded byte to `ready`, on a pipeline at rest; nothing of it stays."""
        self.pipeline.idle()
        with Watch(self.engine_pid) as watch:
            track_id, sent_at = self.send(path, f"Bench {path.stem}")
            playable_s, ready_s = self.wait_until_ready(track_id, sent_at)
        self.forget(track_id)
        peaks = dict(watch.peaks.by_function)
        return Run(
            way=OURS,
            playable_s=playable_s,
            ready_s=ready_s,
            cpu_s=watch.used.cpu_s,
            encoder_cpu_s=watch.encoder_cpu_s,
            disk_bytes=watch.used.disk_bytes,
            peak_bytes=max(peaks.values()),
            encoder_peak_bytes=watch.peaks.of_encoders,
            elsewhere_cpu_s=watch.machine_s - watch.used.cpu_s,
            longest_encoder_cpu_s=watch.peaks.longest_encoder_s,
            peaks=peaks,
        )

    def warm_up(self, short: Path, long: Path | None) -> None:
        """Wakes every function: two short tracks at once, and a long one where long ones go another way."""
        tracks = [self.send(path, "Warm-up") for path in (short, short)]
        if long is not None:
            tracks.append(self.send(long, "Warm-up"))
        for track_id, sent_at in tracks:
            self.wait_until_ready(track_id, sent_at)
            self.forget(track_id)

    def forget(self, track_id: str) -> None:
        """Deletes the objects of a track that is ready: the store is in memory."""
        s3: Any = self.cloud.aws("s3")
        for noun, found in self.pipeline.objects(track_id).items():
            versions = [dict(zip(("Key", "VersionId"), each.split("#"), strict=True)) for each in found]
            for start in range(0, len(versions), 1000):
                batch = versions[start : start + 1000]
                s3.delete_objects(Bucket=self.pipeline.bucket(noun), Delete={"Objects": batch, "Quiet": True})


@contextmanager
def stage() -> Iterator[Stage]:
    """A MiniStack with everything deployed and an artist signed in."""
    with running_engine() as engine, deployed(engine) as cloud, signed_in(cloud) as artist:
        yield Stage(cloud=cloud, engine_pid=_pid(engine), artist=artist)


def _pid(engine: Engine) -> int:
    pid = engine.pid()
    if pid is None:
        raise Problem("MiniStack is not running any more.")
    return pid
