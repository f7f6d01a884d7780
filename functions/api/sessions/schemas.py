"""Wire shapes of sessions and the login history."""

from typing import Self

from pydantic import Field

from api.wire import Id, Timestamp, Wire
from core.domain.ids import SessionId
from core.domain.logins import Login, LoginOutcome
from core.domain.sessions import Origin, Session, Way


class OriginView(Wire):
    """Where a request came from; empty where it is not known."""

    device: str = Field(examples=["Firefox on Linux"])
    address: str = Field(examples=["203.0.113.7"])
    place: str = Field(examples=["Lyon, FR"])

    @classmethod
    def of(cls, origin: Origin) -> Self:
        return cls(device=origin.device, address=origin.address, place=origin.place)


class SessionView(Wire):
    id: Id
    current: bool = Field(description="Whether it is the session that asks.")
    remembered: bool
    created_at: Timestamp
    last_used_at: Timestamp
    expires_at: Timestamp = Field(description="When it ends if it is not used until then.")
    origin: OriginView

    @classmethod
    def of(cls, session: Session, current: SessionId) -> Self:
        return cls(
            id=session.id,
            current=session.id == current,
            remembered=session.remembered,
            created_at=session.created_at,
            last_used_at=session.rotated_at,
            expires_at=session.expires_at,
            origin=OriginView.of(session.origin),
        )


class Sessions(Wire):
    items: list[SessionView]


class LoginView(Wire):
    at: Timestamp
    way: Way
    outcome: LoginOutcome
    origin: OriginView

    @classmethod
    def of(cls, login: Login) -> Self:
        return cls(at=login.at, way=login.way, outcome=login.outcome, origin=OriginView.of(login.origin))
