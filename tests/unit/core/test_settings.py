"""The environment of a function."""

from dataclasses import fields

import pytest

from core import settings
from core.settings import Common, PlatformApi, Relay, load, variable

KINDS = [kind for kind in vars(settings).values() if isinstance(kind, type) and issubclass(kind, Common)]


def test_a_field_is_read_from_its_variable() -> None:
    environ = {"VEZA_STAGE": "local", "VEZA_OUTBOX_TABLE": "outbox", "VEZA_BUS": "bus", "PATH": "/bin"}
    assert load(Relay, environ) == Relay(stage="local", outbox_table="outbox", bus="bus")


@pytest.mark.parametrize("value", [None, ""])
def test_everything_that_is_missing_is_named_at_once(value: str | None) -> None:
    environ = {"VEZA_STAGE": "local"} | ({} if value is None else {"VEZA_BUS": value})
    with pytest.raises(RuntimeError, match=r"VEZA_OUTBOX_TABLE, VEZA_BUS$"):
        load(Relay, environ)


def test_numbers_are_numbers() -> None:
    environ = {variable(field.name): "48" for field in fields(PlatformApi)}
    assert load(PlatformApi, environ).definitions_max_age_h == 48
    assert load(PlatformApi, environ).stage == "48"


def test_what_is_no_number_is_refused() -> None:
    environ = {variable(field.name): "soon" for field in fields(PlatformApi)}
    with pytest.raises(ValueError, match="soon"):
        load(PlatformApi, environ)


@pytest.mark.parametrize("kind", KINDS)
def test_every_class_loads_from_exactly_its_variables(kind: type[Common]) -> None:
    environ = {variable(field.name): "7" for field in fields(kind)}
    assert load(kind, environ).stage == "7"
    for name in environ:
        optional = {variable(field.name) for field in fields(kind) if field.default is not field.default_factory}
        if name not in optional:
            with pytest.raises(RuntimeError, match=name):
                load(kind, {other: value for other, value in environ.items() if other != name})
