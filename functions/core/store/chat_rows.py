"""The rows of the chat table. What belongs to a conversation lies in its partition, its changes in their order."""

from collections.abc import Mapping
from typing import Any, Final

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from core.domain.attachments import Attached, Attachment, AttachmentId, AttachmentState
from core.domain.chat_messages import ChatMessage
from core.domain.conversations import Conversation, ConversationId, Kind, Member, MemberRole, MemberState, Seq
from core.domain.ids import AccountId
from core.domain.reasons import ReasonCode
from core.domain.tracks import StoredObject
from core.domain.updates import Update, UpdateKind
from core.domain.verdicts import ScanVerdict
from core.store.rows import EnumAttribute, Row, TextsAttribute, ValueAttribute, attributes_of, noun_of
from core.store.tables import BY_ATTACHMENT_SCAN_DAY, BY_DEADLINE, SK, TTL, deadline_shard, scan_day

CONVERSATION_SK: Final = "conversation"
MEMBER_PREFIX: Final = "member#"
MESSAGE_PREFIX: Final = "message#"
UPDATE_PREFIX: Final = "update#"
PIN_PREFIX: Final = "pin#"
MEMBERSHIP_PREFIX: Final = "conversation#"
BLOCK_PREFIX: Final = "block#"
SAID_PREFIX: Final = "said#"
ATTACHMENT_SK: Final = "attachment"
ROOMS_PK: Final = "rooms"
SEQ_DIGITS: Final = 12


def conversation_pk(conversation_id: ConversationId) -> str:
    return f"conversation#{conversation_id}"


def account_pk(account_id: AccountId) -> str:
    return f"account#{account_id}"


def attachment_pk(attachment_id: AttachmentId) -> str:
    return f"attachment#{attachment_id}"


def numbered(prefix: str, seq: int) -> str:
    """Sorts as the number does."""
    return f"{prefix}{seq:0{SEQ_DIGITS}d}"


class ByDeadline(GlobalSecondaryIndex["ChatRow"]):  # type: ignore[no-untyped-call]
    class Meta:
        index_name = BY_DEADLINE.name
        projection = AllProjection()

    due_shard = UnicodeAttribute(hash_key=True, attr_name=BY_DEADLINE.hash_key.name)
    deadline = NumberAttribute(range_key=True, attr_name=BY_DEADLINE.range_key.name)


class ByScanDay(GlobalSecondaryIndex["ChatRow"]):  # type: ignore[no-untyped-call]
    class Meta:
        index_name = BY_ATTACHMENT_SCAN_DAY.name
        projection = AllProjection()

    scan_day = UnicodeAttribute(hash_key=True, attr_name=BY_ATTACHMENT_SCAN_DAY.hash_key.name)
    id = UnicodeAttribute(range_key=True, attr_name=BY_ATTACHMENT_SCAN_DAY.range_key.name)


class ChatRow(Row):
    """Every kind of row knows the table's whole key schema; only attachments fill the indexes' keys."""

    sk = UnicodeAttribute(range_key=True, attr_name=SK)
    ttl = NumberAttribute(null=True, attr_name=TTL)
    due_shard = UnicodeAttribute(null=True, attr_name=BY_DEADLINE.hash_key.name)
    deadline = NumberAttribute(null=True, attr_name=BY_DEADLINE.range_key.name)
    scan_day = UnicodeAttribute(null=True, attr_name=BY_ATTACHMENT_SCAN_DAY.hash_key.name)
    by_deadline = ByDeadline()
    by_scan_day = ByScanDay()


class ConversationRow(ChatRow):
    id = UnicodeAttribute()
    kind: EnumAttribute[Kind] = EnumAttribute(Kind)
    title = UnicodeAttribute()
    created_by = UnicodeAttribute()
    created_at = NumberAttribute()
    slow_mode_s = NumberAttribute(default=0)
    revision = NumberAttribute()

    @classmethod
    def of(cls, conversation: Conversation) -> "ConversationRow":
        return cls(pk=conversation_pk(conversation.id), sk=CONVERSATION_SK, **attributes_of(conversation))

    def noun(self) -> Conversation:
        return noun_of(Conversation, self)


class MemberRow(ChatRow):
    conversation_id = UnicodeAttribute()
    account_id = UnicodeAttribute()
    role: EnumAttribute[MemberRole] = EnumAttribute(MemberRole)
    state: EnumAttribute[MemberState] = EnumAttribute(MemberState)
    since = NumberAttribute()
    muted_until = NumberAttribute(null=True)
    read = NumberAttribute(default=0)
    delivered = NumberAttribute(default=0)
    revision = NumberAttribute()

    @classmethod
    def of(cls, member: Member) -> "MemberRow":
        return cls(pk=conversation_pk(member.conversation_id), sk=member_sk(member.account_id), **attributes_of(member))

    def noun(self) -> Member:
        return noun_of(Member, self)


class PointerRow(ChatRow):
    """Leads to a conversation: from an account in it, from a pair of people, from the list of rooms."""

    conversation_id = UnicodeAttribute()


class BlockRow(ChatRow):
    account_id = UnicodeAttribute()
    """Who is blocked."""


class ChatMessageRow(ChatRow):
    conversation_id = UnicodeAttribute()
    seq = NumberAttribute()
    author_id = UnicodeAttribute()
    client_id = UnicodeAttribute()
    sent_at = NumberAttribute()
    text = UnicodeAttribute()
    reply_to = NumberAttribute(null=True)
    mentions = TextsAttribute()
    track_id = UnicodeAttribute(null=True)
    attachments: ValueAttribute[tuple[Attached, ...]] = ValueAttribute(tuple[Attached, ...], default=())
    edited_at = NumberAttribute(null=True)
    deleted_at = NumberAttribute(null=True)
    pinned = BooleanAttribute(default=False)
    reactions: ValueAttribute[Mapping[str, int]] = ValueAttribute(Mapping[str, int], default=dict)  # type: ignore[type-abstract]
    revision = NumberAttribute()

    @classmethod
    def of(cls, message: ChatMessage) -> "ChatMessageRow":
        attributes: dict[str, Any] = attributes_of(message) | {"reactions": dict(message.reactions)}
        return cls(pk=conversation_pk(message.conversation_id), sk=numbered(MESSAGE_PREFIX, message.seq), **attributes)

    def noun(self) -> ChatMessage:
        fields: dict[str, Any] = {name: getattr(self, name) for name in _MESSAGE_FIELDS}
        return ChatMessage(**fields, reactions=tuple(self.reactions.items()))


_MESSAGE_FIELDS: Final = tuple(name for name in ChatMessage.__dataclass_fields__ if name != "reactions")


class AttachmentRow(ChatRow):
    id = UnicodeAttribute(attr_name=BY_ATTACHMENT_SCAN_DAY.range_key.name)
    conversation_id = UnicodeAttribute()
    owner_id = UnicodeAttribute()
    filename = UnicodeAttribute()
    size_bytes = NumberAttribute()
    content_type = UnicodeAttribute()
    sha256 = UnicodeAttribute(null=True)
    created_at = NumberAttribute()
    expires_at = NumberAttribute()
    state: EnumAttribute[AttachmentState] = EnumAttribute(AttachmentState)
    reason: EnumAttribute[ReasonCode] = EnumAttribute(ReasonCode, null=True)
    verdict: ValueAttribute[ScanVerdict] = ValueAttribute(ScanVerdict, null=True)
    stored: ValueAttribute[StoredObject] = ValueAttribute(StoredObject, null=True)
    message = NumberAttribute(null=True)
    revision = NumberAttribute()

    @classmethod
    def of(cls, attachment: Attachment) -> "AttachmentRow":
        clean = attachment.state is AttachmentState.CLEAN
        return cls(
            pk=attachment_pk(attachment.id),
            sk=ATTACHMENT_SK,
            due_shard=deadline_shard(attachment.id),
            scan_day=scan_day(attachment.verdict.scanned_at) if clean and attachment.verdict is not None else None,
            **attributes_of(attachment),
        )

    def noun(self) -> Attachment:
        return noun_of(Attachment, self)


class UpdateRow(ChatRow):
    conversation_id = UnicodeAttribute()
    seq = NumberAttribute()
    kind: EnumAttribute[UpdateKind] = EnumAttribute(UpdateKind)
    at = NumberAttribute()
    by = UnicodeAttribute()
    message = NumberAttribute(null=True)
    account_id = UnicodeAttribute(null=True)
    facts: ValueAttribute[Mapping[str, str | int | bool]] = ValueAttribute(
        Mapping[str, str | int | bool],  # type: ignore[type-abstract]
        default=dict,
    )

    @classmethod
    def of(cls, update: Update) -> "UpdateRow":
        return cls(
            pk=conversation_pk(update.conversation_id), sk=numbered(UPDATE_PREFIX, update.seq), **attributes_of(update)
        )

    def noun(self) -> Update:
        return noun_of(Update, self)


class SentRow(ChatRow):
    """A message's `client_id` was used, for the message `seq`."""

    seq = NumberAttribute()


class SaidRow(ChatRow):
    """A message that somebody wrote, in the partition of their account: theirs are found without reading all others."""

    conversation_id = UnicodeAttribute()
    seq = NumberAttribute()


class MarkRow(ChatRow):
    """That something was: a reaction was given. What is all in the keys."""


class PaceRow(ChatRow):
    """A member of a slow conversation may write again after `until`."""

    until = NumberAttribute()


def member_sk(account_id: AccountId) -> str:
    return f"{MEMBER_PREFIX}{account_id}"


def membership_sk(conversation_id: ConversationId) -> str:
    return f"{MEMBERSHIP_PREFIX}{conversation_id}"


def block_sk(account_id: AccountId) -> str:
    return f"{BLOCK_PREFIX}{account_id}"


def pair_pk(one: AccountId, other: AccountId) -> str:
    return "pair#" + "#".join(sorted((one, other)))


def reaction_sk(seq: Seq, account_id: AccountId, sign: str) -> str:
    return f"{numbered('reaction#', seq)}#{account_id}#{sign}"


def sent_pk(conversation_id: ConversationId, account_id: AccountId, client_id: str) -> str:
    return f"sent#{conversation_id}#{account_id}#{client_id}"


def said_sk(conversation_id: ConversationId, seq: Seq) -> str:
    return f"{SAID_PREFIX}{conversation_id}#{seq:0{SEQ_DIGITS}d}"


def pace_pk(conversation_id: ConversationId, account_id: AccountId) -> str:
    return f"pace#{conversation_id}#{account_id}"
