"""Builds what `catalogue-api` needs, once per container; nothing is imported or connected before it is asked for."""

from functools import cache

from api.wiring import shared
from core import settings


@cache
def services() -> tuple[object, ...]:
    from api.origin import Edge
    from api.playback.service import PlayCounts
    from api.tracks.presenter import TrackPresenter
    from api.tracks.service import TrackService
    from api.uploads.service import UploadService
    from core.adapters import clients
    from core.adapters.clock import SystemClock
    from core.adapters.s3 import S3ObjectStore
    from core.adapters.upload_door import S3UploadDoor
    from core.playback.media_urls import MediaUrls
    from core.playback.tickets import Tickets
    from core.store.accounts import AccountRepository
    from core.store.plays import Plays
    from core.store.tracks import TrackRepository
    from core.store.uploads import UploadRepository

    env, clock = settings.load(settings.CatalogueApi), SystemClock()
    tracks = TrackRepository(env.catalogue_table, env.outbox_table)
    urls = MediaUrls(base_url=env.media_url, key=lambda: shared.secrets().get(env.media_secret).encode())
    limiter = shared.limiter(env.counters_table, env.limit_factor)
    edge = Edge(secret=lambda: shared.secrets().get(env.edge_secret))
    queue = shared.QueueOnDemand(url=env.scan_queue_url)
    uploads = UploadService(
        accounts=AccountRepository(env.accounts_table, env.outbox_table),
        tracks=tracks,
        uploads=UploadRepository(env.catalogue_table),
        objects=S3ObjectStore(clients.s3()),
        door=S3UploadDoor(clients.s3, env.uploads_bucket),
        uploads_bucket=env.uploads_bucket,
        clock=clock,
    )
    return (
        shared.gate(
            shared.signer(env.stage, env.token_algorithm, env.jwt_secret),
            limiter,
            accounts_table=env.accounts_table,
            counters_table=env.counters_table,
        ),
        limiter,
        edge,
        shared.csrf(env.edge_secret),
        shared.auditor("catalogue-api", edge, env.audit_table, env.audit_days),
        uploads,
        TrackService(tracks=tracks, scan_queue=queue, uploads_bucket=env.uploads_bucket, clock=clock),
        TrackPresenter(media_urls=urls, clock=clock),
        Tickets(tracks=tracks, media_urls=urls, clock=clock),
        PlayCounts(tracks=tracks, plays=Plays(env.counters_table)),
    )
