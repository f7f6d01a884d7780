"""What people do with their account, on the page as it is deployed."""

import pyotp
from playwright.sync_api import Locator, expect

from dev.account import Person
from tests.browser.visitor import Visit, Visitor
from tests.cloud import new_person

ALL_OTHERS = "Sign out all others"


def entries(section: Locator) -> Locator:
    return section.get_by_role("listitem")


def test_from_create_account_to_a_confirmed_address(visit: Visit) -> None:
    visitor, person = visit(), new_person()
    visitor.open()
    visitor.press("Create account")
    visitor.field("E-mail").fill(person.email)
    visitor.field("Username").fill(person.username)
    visitor.field("Password").fill(person.password)
    visitor.press("Create account", visitor.page.locator("form[data-form=register]"))
    expect(visitor.page.get_by_role("heading", name="Confirm your address")).to_be_visible()

    visitor.follow_the_mail(person.email, "verify")

    visitor.hears("Your address is confirmed.")
    expect(visitor.page.get_by_text("Drop audio here, or choose files")).to_be_visible()


def test_a_second_factor_is_set_up_and_asked_for(browser: Visitor, ada: Person) -> None:
    browser.open("#/account")
    factor = browser.section("Second factor")
    browser.field("Password", factor).fill(ada.password)
    browser.press("Set up", factor)
    picture = factor.get_by_role("img", name="QR code for your authenticator app")
    expect(picture).to_be_visible()
    assert picture.evaluate("it => it.naturalWidth") > 100
    app = pyotp.TOTP(factor.locator("code").inner_text())
    browser.field("Code of your app", factor).fill(app.now())
    browser.press("Confirm", factor)
    expect(factor.locator("pre")).to_be_visible()
    codes = factor.locator("pre").inner_text().split("\n")
    assert len(set(codes)) == 10

    browser.open("#/account")
    expect(factor).to_contain_text("On: signing in takes a code of your app.")
    expect(factor.locator("pre")).to_be_hidden()

    browser.sign_out()
    browser.sign_in(ada, code=codes[0])


def test_a_wrong_password_is_refused_in_words(visit: Visit, ada: Person) -> None:
    visitor = visit()
    visitor.open()
    visitor.field("E-mail").fill(ada.email)
    visitor.field("Password").fill("a-wrong-kettle-of-larks")
    visitor.press("Sign in", visitor.page.locator("[data-pane=login]"))
    expect(visitor.page.get_by_role("alert").locator("visible=true")).to_have_text(
        "The e-mail address or the password is wrong."
    )


def test_what_is_dangerous_asks_again_who_is_there(browser: Visitor, visit: Visit, ada: Person) -> None:
    other = visit()
    other.sign_in(ada)
    browser.open("#/account")
    devices = browser.section("Where you are signed in")
    expect(entries(devices).filter(has_text="Chrome on Linux")).to_have_count(2)
    browser.let_the_proof_grow_old(ada)

    browser.press(ALL_OTHERS, devices)
    dialog = browser.page.get_by_role("dialog")
    browser.field("Password", dialog).fill(ada.password)
    browser.press("Go on", dialog)

    browser.hears("Every other device is signed out.")
    expect(entries(devices)).to_have_count(1)
    other.open()
    other.is_out()


def test_one_device_is_signed_out_from_another(browser: Visitor, visit: Visit, ada: Person) -> None:
    other = visit()
    other.sign_in(ada)
    browser.open("#/account")
    devices = browser.section("Where you are signed in")
    browser.press("Sign out", entries(devices).filter(has_text="Chrome").filter(has_not_text="this one").first)
    browser.hears("That device is signed out.")
    other.open()
    other.is_out()
    browser.open()
    browser.is_in(ada)


def test_signing_out_everywhere_ends_this_one_too(browser: Visitor, visit: Visit, ada: Person) -> None:
    other = visit()
    other.sign_in(ada)
    browser.open("#/account")
    browser.press("Sign out everywhere", browser.section("Where you are signed in"))
    browser.is_out()
    for visitor in (browser, other):
        visitor.open()
        visitor.is_out()


def test_a_forgotten_password_is_replaced_by_a_mailed_link(visit: Visit, ada: Person) -> None:
    visitor = visit()
    visitor.open("#/forgot")
    visitor.field("E-mail").fill(ada.email)
    visitor.press("Send the link")
    visitor.hears("If there is an account with that address, a mail is on its way.")
    visitor.follow_the_mail(ada.email, "reset")
    visitor.field("New password").fill("another-kettle-full-of-larks")
    visitor.press("Change it")
    visitor.hears("Your password is changed.")
    visitor.sign_in(Person(email=ada.email, username=ada.username, password="another-kettle-full-of-larks"))


def test_a_sign_in_link_works_in_the_browser_that_asked(visit: Visit, ada: Person) -> None:
    visitor = visit()
    visitor.open("#/forgot")
    visitor.field("E-mail").fill(ada.email)
    visitor.page.get_by_label("Just to sign in, in this browser").check()
    visitor.press("Send the link")
    visitor.hears("a mail is on its way.")
    visitor.follow_the_mail(ada.email, "sign-in")
    visitor.is_in(ada)


def test_a_part_of_the_account_that_fails_takes_nothing_from_the_rest(browser: Visitor) -> None:
    browser.page.route("**/auth/passkeys", lambda route: route.fulfill(status=404, json={"detail": "Lost."}))
    browser.page.route("**/auth/api-keys", lambda _: None)  # is never answered
    browser.open("#/account")
    expect(browser.section("Where you are signed in")).to_contain_text("(this one)")
    refusal = browser.section("Passkeys").get_by_role("alert").locator("visible=true")
    expect(refusal).to_have_text("This part can't be shown now: Lost.")


def test_a_key_for_a_program_is_shown_once_and_works(browser: Visitor) -> None:
    browser.open("#/account")
    keys = browser.section("API keys")
    browser.field("Name of the program", keys).fill("My backup script")
    browser.press("Make a key", keys)
    expect(keys.get_by_role("alert")).to_have_text("Please tick what it may do.")
    keys.get_by_label("see what you see").check()
    browser.press("Make a key", keys)
    expect(keys.locator("pre")).to_be_visible()
    headers = {"Authorization": f"Bearer {keys.locator('pre').inner_text()}"}
    tracks = f"{browser.cloud.api_url}/tracks"
    assert browser.cloud.http.get(tracks, headers=headers).status_code == 200

    browser.open("#/account")
    expect(keys.locator("pre")).to_be_hidden()
    browser.press("Delete", keys)
    expect(entries(keys)).to_have_count(0)
    assert browser.cloud.http.get(tracks, headers=headers).status_code == 401


def test_leaving_can_be_taken_back(browser: Visitor, ada: Person) -> None:
    browser.open("#/account")
    browser.press("Delete my account", browser.section("Leave"))
    browser.press("Delete my account", browser.page.get_by_role("dialog"))
    browser.is_out()

    browser.sign_in(ada)
    expect(browser.page.get_by_role("heading", name="Your account is closing")).to_be_visible()
    browser.press("Keep my account")
    expect(browser.page.get_by_text("Drop audio here, or choose files")).to_be_visible()


def test_a_copy_of_everything_can_be_asked_for(browser: Visitor) -> None:
    browser.open("#/account")
    data = browser.section("Your data")
    browser.press("Ask for a copy", data)
    expect(entries(data)).to_have_count(1)
    with browser.page.expect_download() as awaited:
        browser.press("Download", data)
    assert awaited.value.suggested_filename.endswith(".zip")
