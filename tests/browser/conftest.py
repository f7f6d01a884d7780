"""Chromium, and somebody at it."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from dev.account import Person
from tests.browser.visitor import FLAGS, PATIENCE_MS, Visit, Visitor
from tests.cloud import Cloud, new_person


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Ends with its module: as long as it lives, this thread's event loop is its own."""
    program = shutil.which("chromium")
    assert program, "Chromium is missing: `make bootstrap-browser` installs it"
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, cloud: Cloud) -> Iterator[Visit]:
    """Another browser each time, without cookies of the ones before."""
    visitors: list[Visitor] = []

    def come() -> Visitor:
        context = chromium.new_context(locale="en-GB")
        context.set_default_timeout(PATIENCE_MS)
        visitor = Visitor(cloud, context, context.new_page())
        visitor.watch()
        visitors.append(visitor)
        return visitor

    yield come
    for visitor in visitors:
        visitor.context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


@pytest.fixture
def ada(cloud: Cloud) -> Person:
    """Has a verified account."""
    return cloud.accounts.ensure(new_person())[0].person


@pytest.fixture
def browser(visit: Visit, ada: Person) -> Visitor:
    """Ada's, where she is signed in."""
    visitor = visit()
    visitor.sign_in(ada)
    return visitor
