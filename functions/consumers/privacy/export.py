"""Makes the zip of everything we hold about somebody, the audio included, without holding it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Final, NamedTuple

from consumers.privacy.archive import File, zipped
from consumers.privacy.documents import document
from consumers.privacy.tracks import tracks_of
from core.domain.attachments import attachment_key
from core.domain.errors import NotFound, ObjectGone
from core.domain.limits import EXPORT_FILES_MAX_BYTES, MIB, PAGE_MAX
from core.messages.accounts import ExportReady
from core.store.page import every

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.chat.holdings import ChatHoldings
    from core.domain.accounts import Account
    from core.domain.audit import AuditEntry
    from core.domain.chat_messages import ChatMessage
    from core.domain.ids import AccountId
    from core.domain.logins import Login
    from core.domain.tracks import Track
    from core.ports.clock import Clock
    from core.ports.storage import ObjectInfo, ObjectStore
    from core.store.accounts import AccountRepository
    from core.store.api_keys import ApiKeyRepository
    from core.store.audit_log import AuditLog
    from core.store.connections import ConnectionRepository
    from core.store.consents import ConsentLedger
    from core.store.exports import ExportRepository
    from core.store.login_history import LoginHistory
    from core.store.passkeys import PasskeyRepository
    from core.store.sessions import SessionRepository
    from core.store.tracks import TrackRepository

READ_BYTES: Final = 8 * MIB
README: Final = """\
Everything Veza holds about you. The .json files open in any text editor.

account.json      who you are here
sessions.json     where you are signed in
sign-ins.json     when somebody signed in, or tried to, in the last 90 days
passkeys.json, connections.json, api-keys.json
                  other ways into your account, without their secrets
consents.json     what you agreed to, and refused
actions.json      what you changed in the last 90 days, as our audit tells it
tracks.json       your tracks and what we know of them
conversations.json, memberships.json, messages.json
                  where you talk, as what, and what you said there
blocked.json, presence.json, listening.json
                  whom you don't want to hear from, whether you are there, what you hear
audio/            the files you uploaded, as you sent them, newest first
attachments/      the files in your messages, as you sent them
"""
LEFT_OUT: Final = """
These did not fit into one export. Ask us for them, or download them one by one:
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """Where everything about somebody lies."""

    accounts: AccountRepository
    sessions: SessionRepository
    logins: LoginHistory
    passkeys: PasskeyRepository
    connections: ConnectionRepository
    api_keys: ApiKeyRepository
    consents: ConsentLedger
    audit: AuditLog
    tracks: TrackRepository
    chat: ChatHoldings


class Kept(NamedTuple):
    """A file of theirs, by its name in the zip; without a version the newest."""

    name: str
    bucket: str
    key: str
    version_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    holdings: Holdings
    exports: ExportRepository
    objects: ObjectStore
    clock: Clock
    exports_bucket: str
    attachments_bucket: str
    files_max_bytes: int = EXPORT_FILES_MAX_BYTES

    def make(self, account_id: AccountId, export_id: str) -> bool:
        """False if it was made before, or the account is gone."""
        export = self.exports.find(account_id, export_id)
        if export is None or export.ready_at is not None:
            return False
        try:
            account = self.holdings.accounts.get(account_id)
        except NotFound:
            return False
        if account.erased_at is not None:
            return False
        size = self.objects.put_stream(
            self.exports_bucket, export.key, zipped(self._files(account)), content_type="application/zip"
        )
        now = self.clock.now()
        ready = ExportReady(account_id=account_id, export_id=export_id)
        if self.exports.finish(export.made(size, now), events=[ready], now=now):
            return True
        self.objects.delete_prefix(self.exports_bucket, export.key)  # the account was erased meanwhile
        return False

    def _files(self, account: Account) -> Iterator[File]:
        tracks = list(tracks_of(account.id, self.holdings.tracks))
        messages = list(self.holdings.chat.messages_of(account.id))
        chosen, left_out = self._fitting([*_audio(tracks), *_attachments(messages, self.attachments_bucket)])
        yield _text("README.txt", (README + _list_of(left_out)).encode())
        for name, body in self._documents(account, tracks, messages):
            yield _text(name, body)
        for name, info in chosen:
            yield File(name, self._read(info), packed=False)

    def _documents(
        self, account: Account, tracks: list[Track], messages: list[ChatMessage]
    ) -> Iterator[tuple[str, bytes]]:
        held = self.holdings
        yield "account.json", document(account)
        yield "sessions.json", document(held.sessions.list_of(account.id))
        yield "sign-ins.json", document(self._logins(account.id))
        yield "passkeys.json", document(held.passkeys.list_of(account.id))
        yield "connections.json", document(held.connections.list_of(account.id))
        yield "api-keys.json", document(held.api_keys.list_of(account.id, self.clock.now()))
        yield "consents.json", document(held.consents.list_of(account.id))
        yield "actions.json", document(self._actions(account.id))
        yield "tracks.json", document(tracks)
        yield "conversations.json", document(held.chat.conversations_of(account.id))
        yield "memberships.json", document(held.chat.memberships_of(account.id))
        yield "messages.json", document(messages)
        yield "blocked.json", document(held.chat.blocks_of(account.id))
        yield "presence.json", document(held.chat.presence_of(account.id))
        yield "listening.json", document(held.chat.playback_of(account.id))

    def _logins(self, account_id: AccountId) -> Iterator[Login]:
        logins = self.holdings.logins
        return every(lambda cursor: logins.list_of(account_id, limit=PAGE_MAX, cursor=cursor))

    def _actions(self, account_id: AccountId) -> Iterator[AuditEntry]:
        audit = self.holdings.audit
        return every(lambda cursor: audit.of_account(account_id, limit=PAGE_MAX, cursor=cursor))

    def _fitting(self, files: Iterable[Kept]) -> tuple[list[tuple[str, ObjectInfo]], list[str]]:
        """The first that fit, and the names of those that do not."""
        chosen: list[tuple[str, ObjectInfo]] = []
        left_out: list[str] = []
        size = 0
        for file in files:
            try:
                info = self.objects.head(file.bucket, file.key, file.version_id)
            except ObjectGone:
                continue
            if size + info.size_bytes > self.files_max_bytes:
                left_out.append(file.name)
                continue
            size += info.size_bytes
            chosen.append((file.name, info))
        return chosen, left_out

    def _read(self, info: ObjectInfo) -> Iterator[bytes]:
        for start in range(0, info.size_bytes, READ_BYTES):
            yield self.objects.read_range(info.object, start, min(start + READ_BYTES, info.size_bytes))


def _text(name: str, body: bytes) -> File:
    return File(name, [body], packed=True)


def _list_of(names: list[str]) -> str:
    return LEFT_OUT + "".join(f"{name}\n" for name in names) if names else ""


def _audio(tracks: Iterable[Track]) -> Iterator[Kept]:
    for track in tracks:
        original = track.original
        if original is not None:
            name = _file_name("audio", track.id, track.filename)
            yield Kept(name, original.bucket, original.key, original.version_id)


def _attachments(messages: Iterable[ChatMessage], bucket: str) -> Iterator[Kept]:
    for message in messages:
        for file in message.attachments:
            name = _file_name("attachments", file.id, file.filename)
            yield Kept(name, bucket, attachment_key(message.conversation_id, file.id))


def _file_name(folder: str, noun_id: str, filename: str) -> str:
    """Neither a path nor a name that another file has."""
    return f"{folder}/{noun_id} {PurePath(filename.replace(chr(92), '/')).name}"
