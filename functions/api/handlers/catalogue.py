"""`catalogue-api`: uploads, tracks and playback."""

from functools import cache
from typing import Any

from api.gateway import Adapter, adapter


@cache
def _adapter() -> Adapter:
    from api.playback.routes import routers as playback
    from api.tracks.routes import routers as tracks
    from api.uploads.routes import routers as uploads
    from api.wiring.catalogue import services

    return adapter("catalogue-api", (*uploads, *tracks, *playback), services())


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return _adapter()(event, context)
