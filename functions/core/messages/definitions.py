"""Which virus definitions are current."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class DefinitionsFile(BaseModel):
    model_config = ConfigDict(frozen=True)
    name: str
    """File name in clamd's database folder, e.g. `main.cvd`."""
    key: str
    sha256: str


class DefinitionsManifest(BaseModel):
    """`definitions/current.json` in the definitions bucket: the pointer, moved only after a self-test.

    The files lie beside it under `definitions/{version}/` and never change.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    version: str
    built_at: int
    signatures: int
    source: Literal["official", "builtin"]
    files: tuple[DefinitionsFile, ...]


DEFINITIONS_POINTER = "definitions/current.json"
