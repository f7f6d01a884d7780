"""Use cases of an attachment: announce, look, drop. The bytes go straight to storage, and come straight from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from api.uploaders import must_be_verified
from core.domain.attachments import (
    TYPES,
    UNSAID_KEEP_S,
    Attachment,
    AttachmentId,
    AttachmentState,
    attachment_not_found,
    attachment_taken,
    check_attachment_size,
)
from core.domain.conversations import must_see, must_speak
from core.domain.ids import EpochSeconds, new_id
from core.domain.limits import DOWNLOAD_URL_S, UPLOAD_URL_EXPIRES_S
from core.domain.rates import ATTACHMENTS_BY_ACCOUNT
from core.domain.uploads import check_filename

if TYPE_CHECKING:
    from core.domain.conversations import ConversationId
    from core.domain.ids import AccountId
    from core.limiter import Limiter
    from core.ports.clock import Clock
    from core.ports.storage import DownloadDoor, SignedRequest, UploadDoor
    from core.store.accounts import AccountRepository
    from core.store.attachments import AttachmentRepository
    from core.store.conversations import ConversationRepository

SHOWN: Final = ("image/", "audio/")
"""What a browser shows or plays from its address; everything else it saves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedAttachment:
    attachment: Attachment
    put: SignedRequest
    put_expires_at: EpochSeconds


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAttachment:
    """`url` of a clean one, until `url_expires_at`."""

    attachment: Attachment
    url: str | None = None
    url_expires_at: EpochSeconds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentService:
    """All methods raise NotFound(`conversation_not_found`) and NotAllowed(`banned`), besides what each one says."""

    accounts: AccountRepository
    conversations: ConversationRepository
    attachments: AttachmentRepository
    upload_door: UploadDoor
    download_door: DownloadDoor
    limiter: Limiter
    clock: Clock

    def announce(
        self,
        account_id: AccountId,
        conversation_id: ConversationId,
        *,
        filename: str,
        size_bytes: int,
        sha256: str | None,
    ) -> AnnouncedAttachment:
        """Raises InvalidInput (`filename_invalid`, `extension_unsupported`, `size_zero`, `size_too_large`), NotAllowed
        (`email_not_verified`, `not_joined`, `muted`), TooMany."""
        name, size, now = check_filename(filename, TYPES), check_attachment_size(size_bytes), self.clock.now()
        must_be_verified(account_id, self.accounts)
        conversation = self.conversations.get(conversation_id)
        must_speak(conversation, self.conversations.member(conversation_id, account_id), now)
        self.limiter.count(ATTACHMENTS_BY_ACCOUNT, account_id)
        attachment = Attachment(
            id=AttachmentId(new_id()),
            conversation_id=conversation_id,
            owner_id=account_id,
            filename=name,
            size_bytes=size,
            content_type=TYPES[name.rpartition(".")[2].lower()],
            sha256=sha256,
            created_at=now,
            expires_at=EpochSeconds(now + UNSAID_KEEP_S),
        ).awaited(now)
        self.attachments.add(attachment)
        put = self.upload_door.sign_put(
            attachment.incoming_key,
            size_bytes=size,
            content_type=attachment.content_type,
            sha256=sha256,
            expires_s=UPLOAD_URL_EXPIRES_S,
        )
        return AnnouncedAttachment(
            attachment=attachment, put=put, put_expires_at=EpochSeconds(now + UPLOAD_URL_EXPIRES_S)
        )

    def get(
        self, account_id: AccountId, conversation_id: ConversationId, attachment_id: AttachmentId
    ) -> SeenAttachment:
        """One's own; another's, once it is in a message. Raises NotFound(`attachment_not_found`)."""
        attachment = self._seen(account_id, conversation_id, attachment_id)
        if attachment.state is not AttachmentState.CLEAN:
            return SeenAttachment(attachment=attachment)
        url = self.download_door.sign_get(
            attachment.key,
            filename=attachment.filename,
            content_type=attachment.content_type,
            inline=attachment.content_type.startswith(SHOWN),
            expires_s=DOWNLOAD_URL_S,
        )
        expires_at = EpochSeconds(self.clock.now() + DOWNLOAD_URL_S)
        return SeenAttachment(attachment=attachment, url=url, url_expires_at=expires_at)

    def drop(self, account_id: AccountId, conversation_id: ConversationId, attachment_id: AttachmentId) -> None:
        """One's own that is in no message. Raises NotFound(`attachment_not_found`), Conflict (`attachment_taken`,
        `stale_attachment`)."""
        attachment = self._seen(account_id, conversation_id, attachment_id)
        if attachment.message is not None:
            raise attachment_taken()
        self.attachments.save(attachment.dropped(self.clock.now()))

    def _seen(self, account_id: AccountId, conversation_id: ConversationId, attachment_id: AttachmentId) -> Attachment:
        conversation = self.conversations.get(conversation_id)
        must_see(conversation, self.conversations.member(conversation_id, account_id))
        attachment = self.attachments.get(attachment_id)
        shared = attachment.message is not None or attachment.owner_id == account_id
        if attachment.conversation_id != conversation_id or not shared or attachment.state is AttachmentState.DROPPED:
            raise attachment_not_found()
        return attachment
