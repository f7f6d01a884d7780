"""Wire shape of a stream ticket."""

from typing import Self

from pydantic import Field

from api.wire import Timestamp, Wire
from core.playback.tickets import Ticket


class PlayCount(Wire):
    plays: int


class StreamTicket(Wire):
    hls_url: str = Field(
        description="The master playlist. Everything it names is covered by its signature. Of a track that is still "
        "being made it names playlists that grow (EXT-X-PLAYLIST-TYPE:EVENT)."
    )
    download_url: str | None = Field(default=None, description="MP3, for the owner.")
    expires_at: Timestamp
    renew_after_s: int = Field(description="Ask for the next ticket after so many seconds to play on without a gap.")
    gain_db: float = Field(
        description="Apply it in the player: it brings all tracks to the same loudness. 0 until the track is ready."
    )
    encoder_delay: int = Field(description="Samples to drop at the start of an AAC rendition.")
    samples: int = Field(description="Samples to play after that; the rest is padding.")
    duration_ms: int

    @classmethod
    def of(cls, ticket: Ticket) -> Self:
        media = ticket.media
        return cls(
            hls_url=ticket.hls_url,
            download_url=ticket.download_url,
            expires_at=ticket.expires_at,
            renew_after_s=ticket.renew_after_s,
            gain_db=0.0 if media.loudness is None else media.loudness.gain_db,
            encoder_delay=media.encoder_delay,
            samples=media.samples,
            duration_ms=media.duration_ms,
        )
