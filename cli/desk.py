"""Everything a command works with, built on first use from the surroundings; tests hand in their own."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import httpx
import platformdirs
from rich.console import Console

from cli.api import VezaApi
from cli.credentials import CredentialStore
from cli.http_calls import API_TIMEOUT, STORAGE_TIMEOUT, open_client
from cli.patience import FOR_ANSWERS, FOR_BYTES, Patience, Stop
from cli.places import LocalStack, choose_api_url, find_local_stack, warns_of_plain_http
from cli.sending import FileSender


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """`transport` replaces the network, `None` is the real one."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    cwd: Path = field(default_factory=Path.cwd)
    config_folder: Path = field(default_factory=lambda: platformdirs.user_config_path("veza"))
    transport: httpx.BaseTransport | None = None
    api_patience: Patience = FOR_ANSWERS
    storage_patience: Patience = FOR_BYTES
    now: Callable[[], float] = time.time


class Desk:
    """One run of the program. `out` carries results, `err` what is said to a person."""

    def __init__(self, around: Surroundings, *, api_url: str | None, verbose: bool) -> None:
        self.around = around
        self.verbose = verbose
        self.out = Console(soft_wrap=True, highlight=False)
        self.err = Console(stderr=True, highlight=False, soft_wrap=True)
        self.stop = Stop()
        self._api_option = api_url

    @cached_property
    def store(self) -> CredentialStore:
        return CredentialStore(self.around.config_folder)

    @cached_property
    def local(self) -> LocalStack | None:
        """The stack of `make up`, if this run talks to it."""
        found = find_local_stack(self.around.cwd)
        return found if found and found.api_url == self.api_url else None

    @cached_property
    def api_url(self) -> str:
        chosen = choose_api_url(
            self._api_option, self.around.environ, find_local_stack(self.around.cwd), self.store.last_api_url()
        )
        if warns_of_plain_http(chosen):
            self.err.print(f"[yellow]Warning:[/] {chosen} is not encrypted.")
        return chosen

    @cached_property
    def api(self) -> VezaApi:
        return VezaApi(
            api_url=self.api_url,
            client=open_client(API_TIMEOUT, self.around.transport),
            store=self.store,
            patience=self.around.api_patience,
            stop=self.stop,
            now=self.around.now,
        )

    @cached_property
    def storage(self) -> httpx.Client:
        return open_client(STORAGE_TIMEOUT, self.around.transport)

    def sender(self, connections: int) -> FileSender:
        return FileSender(
            api=self.api,
            storage=self.storage,
            connections=connections,
            patience=self.around.storage_patience,
            stop=self.stop,
        )
