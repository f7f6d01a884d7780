"""People at real browsers: Debian's Chromium, on the page that was deployed.

Whatever a browser does in these tests, it asks nobody but the cloud, and neither the page nor its security policy
has anything to complain about: `visit` sees to that.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, CDPSession, ConsoleMessage, Locator, Page, expect

from dev.account import Person
from tests.cloud import Cloud

PATIENCE_MS: Final = 60_000
"""Far above what anything takes: the first calls of a function start it several times, on a machine that is busy."""
REFUSED: Final = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
"""What Chromium notes of every refusal of the API. The page says those itself."""
LINK: Final = re.compile(r"https?://\S+/#/\S+")
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, slots=True)
class Authenticator:
    """A device that makes passkeys: Chromium's virtual one (WebAuthn level 3, §11), by the DevTools protocol."""

    cdp: CDPSession
    id: str

    def credentials(self) -> list[dict[str, Any]]:
        found = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(found["credentials"])

    def give(self, credential: dict[str, Any]) -> None:
        self.cdp.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": credential})

    def recognise(self, *, the_owner: bool) -> None:
        """Whether the finger on it is its owner's from now on."""
        self.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": the_owner})


@dataclass
class Visitor:
    """Somebody at a browser of their own."""

    cloud: Cloud
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def open(self, route: str = "#/") -> None:
        """A link that was followed: the page is loaded anew."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.cloud.app_url}/{route}")

    def field(self, label: str, within: Locator | None = None) -> Locator:
        """The one that is seen."""
        return (within or self.page.locator("main")).get_by_label(label, exact=True).locator("visible=true")

    def press(self, name: str, within: Locator | None = None) -> None:
        (within or self.page.locator("main")).get_by_role("button", name=name, exact=True).click()

    def section(self, heading: str) -> Locator:
        """A part of the account's page."""
        return self.page.get_by_role("region", name=heading, exact=True)

    def sign_in(self, person: Person, code: str | None = None) -> None:
        self.open()
        self.field("E-mail").fill(person.email)
        self.field("Password").fill(person.password)
        pane = self.page.locator("[data-pane=login]")
        self.press("Sign in", pane)
        if code is not None:
            self.field("Code of your app, or a recovery code").fill(code)
            self.press("Sign in", pane)
        self.is_in(person)

    def sign_out(self) -> None:
        self.page.get_by_role("navigation", name="Account").get_by_role("button", name="Sign out").click()
        self.is_out()

    def is_in(self, person: Person) -> None:
        expect(self.page.get_by_role("link", name=person.username)).to_be_visible()

    def is_out(self) -> None:
        expect(self.page.get_by_role("button", name="Create account").first).to_be_visible()

    def hears(self, sentence: str) -> None:
        """It is said at the foot of the page."""
        expect(self.page.get_by_role("status")).to_contain_text(sentence)

    def follow_the_mail(self, email: str, route: str) -> None:
        """The newest link to that place which was mailed to that address."""
        until = time.monotonic() + PATIENCE_MS / 1000
        while time.monotonic() < until:
            mails = self.cloud.mails_to(email)
            links = [link for mail in mails for link in LINK.findall(str(mail["BodyText"])) if f"/{route}?" in link]
            if links:
                self.open(f"#/{links[-1].partition('/#/')[2]}")
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"no mail with a link to {email}")

    def let_the_proof_grow_old(self, person: Person) -> None:
        """Ten minutes and more pass: of all sessions of the account, in the table."""
        table = self.cloud.aws("dynamodb")
        name = self.cloud.outputs["AccountsTable"]
        account = f"account#{self.cloud.accounts.sign_in(person).account_id}"
        rows = table.query(
            TableName=name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": {"S": account}, ":sk": {"S": "session#"}},
        )["Items"]
        for row in rows:
            old = str(int(row["proved_at"]["N"]) - 2 * 600)
            table.update_item(
                TableName=name,
                Key={"pk": row["pk"], "sk": row["sk"]},
                UpdateExpression="SET proved_at = :old",
                ExpressionAttributeValues={":old": {"N": old}},
            )

    def authenticator(self) -> Authenticator:
        """A fingerprint reader in this browser's device, which knows its owner."""
        cdp = self.context.new_cdp_session(self.page)
        cdp.send("WebAuthn.enable")
        made = cdp.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        return Authenticator(cdp, str(made["authenticatorId"]))

    def watch(self) -> None:
        """Notes all that should not happen."""
        self.context.on("request", lambda request: self._asked(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("console", self._noted)

    def _asked(self, url: str) -> None:
        storage = f"127.0.0.1:{self.cloud.port}"  # where signed links of exports lead
        if urlsplit(url).netloc not in {"", urlsplit(self.cloud.app_url).netloc, storage}:
            self.complaints.append(f"asked {url}")

    def _noted(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not REFUSED.match(message.text):
            self.complaints.append(f"{message.type}: {message.text}")


Visit = Callable[[], Visitor]
