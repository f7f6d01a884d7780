"""What all facts have in common."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from core.domain.ids import ID_PATTERN

Id = Annotated[str, Field(pattern=ID_PATTERN)]


class Message(BaseModel):
    """Readers ignore fields they don't know, so that yesterday's consumer survives today's producer."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    type: ClassVar[str]
    version: ClassVar[int] = 1

    @classmethod
    def detail_type(cls) -> str:
        return f"{cls.type}.v{cls.version}"
