"""A fact on its way: in the outbox, and in `detail` on the bus."""

from pydantic import BaseModel, ConfigDict

from core.messages.accounts import OF_ACCOUNTS
from core.messages.message import Id, Message
from core.messages.tracks import OF_TRACKS

BUS_SOURCE = "veza"
MESSAGES: dict[str, type[Message]] = {fact.detail_type(): fact for fact in (*OF_ACCOUNTS, *OF_TRACKS)}


class Envelope(BaseModel):
    """What lies in the outbox and in `detail` on the bus; consumers are idempotent by `id`."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    id: Id
    type: str
    version: int
    occurred_at: int
    data: dict[str, object]

    @property
    def detail_type(self) -> str:
        return f"{self.type}.v{self.version}"

    def message(self) -> Message:
        """The typed message; KeyError for a type this code does not know, ValidationError for a broken one."""
        return MESSAGES[self.detail_type].model_validate(self.data)
