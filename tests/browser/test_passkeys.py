"""Passkeys by Chromium's own WebAuthn, on the page as it is deployed."""

from playwright.sync_api import expect

from dev.account import Person
from tests.browser.visitor import Visit, Visitor


def add_passkey(visitor: Visitor, name: str) -> None:
    visitor.open("#/account")
    passkeys = visitor.section("Passkeys")
    visitor.field("Name of this device", passkeys).fill(name)
    visitor.press("Add a passkey", passkeys)
    expect(passkeys.get_by_role("listitem").filter(has_text=name)).to_be_visible()


def sign_in_by_passkey(visitor: Visitor) -> None:
    """Nobody says who they are."""
    visitor.open()
    visitor.press("Sign in with a passkey")


def test_a_passkey_opens_the_account_until_it_is_deleted(browser: Visitor, ada: Person) -> None:
    browser.authenticator()
    add_passkey(browser, "My laptop")
    passkeys = browser.section("Passkeys")

    browser.press("Rename", passkeys)
    dialog = browser.page.get_by_role("dialog")
    browser.field("Name of this device", dialog).fill("My old laptop")
    browser.press("Rename", dialog)
    expect(passkeys.get_by_role("listitem")).to_contain_text("My old laptop")

    browser.sign_out()
    sign_in_by_passkey(browser)
    browser.is_in(ada)

    browser.open("#/account")
    browser.press("Delete", passkeys)
    expect(passkeys.get_by_role("listitem")).to_have_count(0)
    browser.sign_out()
    sign_in_by_passkey(browser)
    browser.hears("This passkey is not known here.")
    browser.is_out()


def test_a_stranger_s_finger_opens_nothing(browser: Visitor) -> None:
    device = browser.authenticator()
    add_passkey(browser, "My laptop")
    browser.sign_out()
    device.recognise(the_owner=False)
    sign_in_by_passkey(browser)
    browser.hears("No passkey was used.")
    browser.is_out()


def test_a_copy_of_a_device_is_noticed(browser: Visitor, visit: Visit, ada: Person) -> None:
    """Copied with its counter, which then goes on in the original alone."""
    original = browser.authenticator()
    add_passkey(browser, "My laptop")
    (copied,) = original.credentials()
    browser.sign_out()
    sign_in_by_passkey(browser)
    browser.is_in(ada)

    thief = visit()
    thief.open()
    thief.authenticator().give(copied)
    thief.press("Sign in with a passkey")
    thief.hears("This passkey")
    thief.is_out()


def test_a_passkey_of_a_phone_signs_in_on_another_browser(browser: Visitor, visit: Visit, ada: Person) -> None:
    """Synchronised between devices, as most are: what it holds is all that is needed."""
    add = browser.authenticator()
    add_passkey(browser, "In my cloud")
    (synchronised,) = add.credentials()

    elsewhere = visit()
    elsewhere.open()
    elsewhere.authenticator().give({**synchronised, "signCount": synchronised["signCount"] + 1})
    elsewhere.press("Sign in with a passkey")
    elsewhere.is_in(ada)
