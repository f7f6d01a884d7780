"""What all rows have in common: keys, the shared connection, and the way from a noun to a row and back."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from enum import StrEnum
from functools import cache, cached_property
from types import new_class
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import TypeAdapter
from pynamodb.attributes import Attribute, UnicodeAttribute
from pynamodb.connection import TableConnection
from pynamodb.exceptions import TableError
from pynamodb.models import Model

from core.store.connection import shared_connection
from core.store.faults import translated
from core.store.tables import PK

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

EnumT = TypeVar("EnumT", bound=StrEnum)
ValueT = TypeVar("ValueT")
NounT = TypeVar("NounT", bound="DataclassInstance")
RowT = TypeVar("RowT", bound="Row")


class EnumAttribute(Attribute[EnumT]):
    """A StrEnum kept as its text."""

    attr_type = "S"

    def __init__(self, kind: type[EnumT], *, null: bool = False) -> None:
        super().__init__(null=null)
        self.kind = kind

    def serialize(self, value: EnumT) -> str:
        return value.value

    def deserialize(self, value: str) -> EnumT:
        return self.kind(value)


class EnumSetAttribute(Attribute[frozenset[EnumT]]):
    """A set of a StrEnum's members, kept as a set of texts. Never empty: DynamoDB has no empty sets.

    Members this code does not know are left out, so that a row outlives a roll-back.
    """

    attr_type = "SS"

    def __init__(self, kind: type[EnumT], *, default: frozenset[EnumT]) -> None:
        super().__init__(default=default)
        self.kind = kind

    def serialize(self, value: frozenset[EnumT]) -> list[str]:
        return sorted(member.value for member in value)

    def deserialize(self, value: list[str]) -> frozenset[EnumT]:
        return frozenset(member for member in self.kind if member.value in value)


class TextsAttribute(Attribute[tuple[str, ...]]):
    """Texts in their order, kept as a JSON array; none by default."""

    attr_type = "S"

    def __init__(self) -> None:
        super().__init__(default=())

    def serialize(self, value: tuple[str, ...]) -> str:
        return json.dumps(value)

    def deserialize(self, value: str) -> tuple[str, ...]:
        return tuple(json.loads(value))


class ValueAttribute(Attribute[ValueT]):
    """A frozen dataclass, a tuple of such, or a plain mapping, kept as JSON: read and written as a whole.

    Fields this code does not know are ignored, so that a row outlives a roll-back.
    """

    attr_type = "S"

    def __init__(
        self, kind: type[ValueT], *, null: bool = False, default: ValueT | Callable[[], ValueT] | None = None
    ) -> None:
        super().__init__(null=null, default=default)
        self.kind = kind

    def serialize(self, value: ValueT) -> str:
        return json.dumps(_plain(value), separators=(",", ":"), ensure_ascii=False)

    def deserialize(self, value: str) -> ValueT:
        return self._reader.validate_json(value)

    @cached_property
    def _reader(self) -> TypeAdapter[ValueT]:
        return TypeAdapter(self.kind)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return asdict(cast("DataclassInstance", value))


class Row(Model):
    """The base of all rows. A subclass becomes usable by `bound(subclass, table_name)`."""

    pk = UnicodeAttribute(hash_key=True, attr_name=PK)

    @classmethod
    def _get_connection(cls) -> TableConnection:
        table = super()._get_connection()
        shared = shared_connection()
        if table.connection is not shared:
            schema = table.get_meta_table()
            try:
                shared.get_meta_table(schema.table_name)
            except TableError:
                shared.add_meta_table(schema)
            table.connection = shared
        return table

    @classmethod
    def find(cls: type[RowT], pk: str, sk: str | None = None) -> RowT | None:
        """The row as it is now (strongly consistent), or None."""
        with translated():
            try:
                return cls.get(pk, sk, consistent_read=True)
            except cls.DoesNotExist:
                return None


def bound(row: type[RowT], table_name: str) -> type[RowT]:
    """`row` living in the table of that physical name; one class per pair."""
    return cast("type[RowT]", _bound(row, table_name))


@cache
def _bound(row: type[Row], table_name: str) -> type[Row]:
    namespace = {"Meta": type("Meta", (), {"table_name": table_name}), "__module__": row.__module__}
    return new_class(row.__name__, (row,), exec_body=lambda body: body.update(namespace))


def attributes_of(noun: "DataclassInstance") -> dict[str, Any]:
    """The row attributes of a noun: a row names them as the noun names its fields."""
    return {field.name: getattr(noun, field.name) for field in fields(noun)}


def noun_of(kind: type[NounT], row: Row) -> NounT:
    """The noun a row was made of by `attributes_of`."""
    return kind(**{field.name: getattr(row, field.name) for field in fields(kind)})
