"""What is written in conversations: texts, what becomes of them, and what people say of them in one sign."""

import unicodedata
from dataclasses import dataclass, replace
from typing import Final, Self

from core.domain.attachments import Attached, AttachmentId
from core.domain.conversations import ConversationId, Seq
from core.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.domain.ids import AccountId, EpochMs, TrackId

TEXT_MAX: Final = 4000
MENTIONS_MAX: Final = 20
REACTIONS_MAX: Final = 20
"""Different ones of one message."""
PINS_MAX: Final = 50
CLIENT_ID_KEEP_S: Final = 30 * 24 * 3600
"""So long a message that is sent again is known to be the same."""

_LINES: Final = frozenset("\n\t")
_OVERRIDES: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF"})
_PICTURES: Final = range(0x1F000, 0x1FB00)
"""Also those of a later Unicode than this Python knows."""
_EMOJI_MAX: Final = 16
_DECORATION: Final = frozenset({"Sk", "Mn", "Me", "Cf"})
_KEYCAP: Final = "\N{COMBINING ENCLOSING KEYCAP}"


class SentBefore(Conflict):
    """The `client_id` was used: it is the same message."""


class AlreadySo(Conflict):
    """What is asked for is so, and nothing has to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody wants to say. `client_id` is of their own making: sent twice, it is one message."""

    client_id: str
    text: str
    reply_to: Seq | None = None
    mentions: tuple[AccountId, ...] = ()
    track_id: TrackId | None = None
    attachments: tuple[AttachmentId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage:
    """One message as it is now. A deleted one keeps its place and nothing else."""

    conversation_id: ConversationId
    seq: Seq
    author_id: AccountId
    client_id: str
    sent_at: EpochMs
    text: str
    reply_to: Seq | None = None
    mentions: tuple[AccountId, ...] = ()
    track_id: TrackId | None = None
    attachments: tuple[Attached, ...] = ()
    edited_at: EpochMs | None = None
    deleted_at: EpochMs | None = None
    pinned: bool = False
    reactions: tuple[tuple[str, int], ...] = ()
    """Signs with how many gave them, the first given first."""
    revision: int = 0

    @classmethod
    def of(
        cls,
        draft: Draft,
        conversation_id: ConversationId,
        author_id: AccountId,
        seq: Seq,
        now: EpochMs,
        *,
        attachments: tuple[Attached, ...] = (),
    ) -> Self:
        return cls(
            conversation_id=conversation_id,
            seq=seq,
            author_id=author_id,
            client_id=draft.client_id,
            sent_at=now,
            text=draft.text,
            reply_to=draft.reply_to,
            mentions=draft.mentions,
            track_id=draft.track_id,
            attachments=attachments,
        )

    def must_be_there(self) -> None:
        """Raises NotFound(`message_not_found`) for a deleted one."""
        if self.deleted_at is not None:
            raise message_not_found()

    def edited(self, author_id: AccountId, text: str, mentions: tuple[AccountId, ...], now: EpochMs) -> Self:
        """Raises NotAllowed(`not_author`)."""
        self.must_be_there()
        if author_id != self.author_id:
            raise NotAllowed("Only who wrote it may change it.", code="not_author")
        return replace(self, text=text, mentions=mentions, edited_at=now)

    def deleted(self, now: EpochMs) -> Self:
        return replace(
            self,
            text="",
            mentions=(),
            track_id=None,
            attachments=(),
            reply_to=None,
            reactions=(),
            pinned=False,
            deleted_at=now,
        )

    def with_pin(self, *, pinned: bool) -> Self:
        self.must_be_there()
        return replace(self, pinned=pinned)

    def with_reaction(self, sign: str, change: int) -> Self:
        """One more (1) or fewer (-1). Raises AlreadySo, Conflict(`reactions_too_many`)."""
        self.must_be_there()
        counts = dict(self.reactions)
        if change < 0 and sign not in counts:
            raise AlreadySo("Nobody has said so.")
        counts[sign] = counts.get(sign, 0) + change
        if len(counts) > REACTIONS_MAX:
            raise Conflict(f"A message has at most {REACTIONS_MAX} different reactions.", code="reactions_too_many")
        return replace(self, reactions=tuple((sign, count) for sign, count in counts.items() if count > 0))


def check_text(text: str, *, beside_files: bool = False) -> str:
    """The text in Unicode's composed form (NFC), without blanks around it. Raises InvalidInput(`text_invalid`).

    Files need no text beside them.

    Characters that draw nothing but turn or hide what others wrote (bidirectional overrides) are refused as control
    characters are: https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
    """
    text = unicodedata.normalize("NFC", text).strip()
    if not (0 if beside_files else 1) <= len(text) <= TEXT_MAX:
        raise InvalidInput(f"A message has 1 to {TEXT_MAX} characters.", code="text_invalid", field="text")
    if any(_hides(char) for char in text):
        raise InvalidInput("A message can't have control characters.", code="text_invalid", field="text")
    return text


def _hides(char: str) -> bool:
    control = unicodedata.category(char) in {"Cc", "Cs"} and char not in _LINES
    return control or unicodedata.bidirectional(char) in _OVERRIDES


def check_sign(sign: str) -> str:
    """One emoji, with its joiners, skin tones and selectors. Raises InvalidInput(`reaction_invalid`)."""
    pictures = [char for char in sign if unicodedata.category(char) == "So" or ord(char) in _PICTURES]
    others = [char for char in sign if char not in pictures and unicodedata.category(char) not in _DECORATION]
    keycap = len(others) == 1 and others[0] in "0123456789#*" and _KEYCAP in sign
    if len(sign) > _EMOJI_MAX or not ((pictures and not others) or keycap):
        raise InvalidInput("A reaction is one emoji.", code="reaction_invalid", field="reaction")
    return sign


def message_not_found() -> NotFound:
    return NotFound("There is no such message.", code="message_not_found")
