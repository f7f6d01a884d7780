"""Builds what `platform-api` needs, once per container; nothing is imported or connected before it is asked for."""

from functools import cache

from core import settings


@cache
def services() -> tuple[object, ...]:
    from api.platform.contract import openapi
    from api.platform.readiness import ReadinessService
    from api.platform.routes import Contract
    from core.adapters import clients
    from core.adapters.clock import SystemClock
    from core.adapters.s3 import S3ObjectStore
    from core.store.health import HealthRepository
    from core.store.sessions import SessionRepository
    from core.store.uploads import UploadRepository

    env = settings.load(settings.PlatformApi)
    readiness = ReadinessService(
        sessions=SessionRepository(env.accounts_table, outbox_table=""),
        uploads=UploadRepository(env.catalogue_table),
        health=HealthRepository(env.operations_table),
        objects=S3ObjectStore(clients.s3()),
        buckets={"uploads": env.uploads_bucket, "media": env.media_bucket},
        definitions_bucket=env.definitions_bucket,
        definitions_max_age_h=env.definitions_max_age_h,
        clock=SystemClock(),
    )
    return Contract(openapi), readiness
