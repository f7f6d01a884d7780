"""A row gives back exactly the noun it was made of, and the row models agree with tables.py."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.accounts import Account
from core.domain.api_keys import ApiKey, Scope
from core.domain.attachments import Attachment
from core.domain.chat_messages import ChatMessage
from core.domain.consents import Consent
from core.domain.email_changes import EmailChange
from core.domain.ids import TrackId, new_id
from core.domain.logins import Login
from core.domain.media import Loudness, MediaResult
from core.domain.passkeys import Passkey
from core.domain.permissions import Role
from core.domain.providers import AuthorizationFlow, Connection
from core.domain.sessions import Session
from core.domain.tickets import Ticket
from core.domain.tracks import Track
from core.domain.uploads import Upload
from core.domain.verdicts import ScanVerdict
from core.messages.tracks import TrackRejected
from core.store import tables
from core.store.account_rows import AccountRow, LoginRow, SessionRow
from core.store.api_keys import ApiKeyRow
from core.store.audit_log import AuditRow
from core.store.catalogue_rows import TrackRow, UploadRow, VerdictRow
from core.store.chat_rows import AttachmentRow, ChatMessageRow
from core.store.connections import ConnectionRow, FlowRow
from core.store.consents import ConsentRow
from core.store.counters import CounterRow
from core.store.email_changes import EmailChangeRow
from core.store.health import HealthRow
from core.store.mail_log import MailRow
from core.store.outbox import OutboxRow, envelope_of, puts_of
from core.store.page import cursor_after, id_of_cursor
from core.store.passkeys import PasskeyRow
from core.store.rows import Row, bound
from core.store.tickets import TicketRow
from tests.builders import NOW


def _pairs(reactions: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(reactions.items())


ids = st.builds(new_id)
counts = st.integers(min_value=1, max_value=10**9)
numbers = st.floats(allow_nan=False)
loudness = st.builds(Loudness, integrated_lufs=numbers, true_peak_db=numbers, gain_db=numbers)
media = st.builds(MediaResult, loudness=loudness)
KINDS: list[tuple[type[Any], type[Any], st.SearchStrategy[Any]]] = [
    (Track, TrackRow, st.builds(Track, id=ids, media=st.none() | media)),
    (Upload, UploadRow, st.builds(Upload, id=ids)),
    (ScanVerdict, VerdictRow, st.builds(ScanVerdict)),
    (Attachment, AttachmentRow, st.builds(Attachment, id=ids)),
    (ChatMessage, ChatMessageRow, st.builds(ChatMessage, reactions=st.dictionaries(st.text(), counts).map(_pairs))),
    (Account, AccountRow, st.builds(Account, id=ids, roles=st.frozensets(st.sampled_from(Role), min_size=1))),
    (Session, SessionRow, st.builds(Session, id=ids)),
    (Consent, ConsentRow, st.builds(Consent)),
    (Login, LoginRow, st.builds(Login, id=ids)),
    (Ticket, TicketRow, st.builds(Ticket)),
    (EmailChange, EmailChangeRow, st.builds(EmailChange)),
    (Passkey, PasskeyRow, st.builds(Passkey)),
    (Connection, ConnectionRow, st.builds(Connection)),
    (AuthorizationFlow, FlowRow, st.builds(AuthorizationFlow)),
    (ApiKey, ApiKeyRow, st.builds(ApiKey, scopes=st.frozensets(st.sampled_from(Scope), min_size=1))),
]


@given(st.one_of([st.tuples(st.just(row), nouns) for _, row, nouns in KINDS]))
def test_every_noun_survives_its_row(case: tuple[Any, Any]) -> None:
    row, noun = case
    assert row.from_raw_data(row.of(noun).serialize()).noun() == noun


@pytest.mark.parametrize(("noun", "row"), [(noun, row) for noun, row, _ in KINDS])
def test_a_row_has_an_attribute_for_every_field(noun: type[Any], row: type[Any]) -> None:
    assert {field.name for field in fields(noun)} <= row.get_attributes().keys()


@given(st.text(), st.text(), st.integers(min_value=1, max_value=9))
def test_an_event_survives_the_outbox(track_id: str, reason: str, attempt: int) -> None:
    event = TrackRejected.model_construct(track_id=track_id, owner_id=new_id(), attempt=attempt, reason=reason)
    (put,) = puts_of([event], "outbox", NOW)
    assert envelope_of(put.row.serialize()).data == event.model_dump()


@given(ids)
def test_a_cursor_leads_back_to_its_id(last_id: str) -> None:
    assert id_of_cursor(cursor_after(last_id)) == last_id


def test_deadline_shards_are_all_used() -> None:
    used = {tables.deadline_shard(TrackId(new_id())) for _ in range(200)}
    assert used == {str(shard) for shard in range(tables.DEADLINE_SHARDS)}


@pytest.mark.parametrize(
    ("row", "table"),
    [
        (TrackRow, tables.CATALOGUE),
        (VerdictRow, tables.CATALOGUE),
        (AccountRow, tables.ACCOUNTS),
        (HealthRow, tables.OPERATIONS),
        (MailRow, tables.OPERATIONS),
        (OutboxRow, tables.OUTBOX),
        (CounterRow, tables.COUNTERS),
        (AuditRow, tables.AUDIT),
    ],
)
def test_rows_agree_with_the_tables(row: type[Row], table: tables.Table) -> None:
    schema = bound(row, "any")._get_schema()
    assert _keys(schema["key_schema"]) == {
        kind: key.name for kind, key in (("HASH", table.hash_key), ("RANGE", table.range_key)) if key
    }
    indexes = {index["index_name"]: _keys(index["key_schema"]) for index in schema["global_secondary_indexes"]}
    assert indexes == {
        index.name: {"HASH": index.hash_key.name, "RANGE": index.range_key.name} for index in table.indexes
    }


def _keys(schema: Sequence[Any]) -> dict[str, str]:
    return {key["KeyType"]: key["AttributeName"] for key in schema}
