"""What we write to people: short and warm, in text and HTML. Titles come from strangers and are made harmless."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Final, NamedTuple

from core.domain.ids import EpochSeconds
from core.domain.limits import EXPORT_KEEP_S
from core.domain.lockout import FROM_FAILURE, locked_for_s
from core.domain.reasons import MESSAGES, ReasonCode
from core.domain.tickets import LIFE_S, Purpose

SUBJECT_TITLE_MAX: Final = 80
NOT_ME: Final = (
    "If it was not you, take your account back at once: choose “Forgot password” at the sign-in, and have all other "
    "ways into the account taken away."
)
_UNKNOWN_REASON: Final = "Something unexpected happened to it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    subject: str
    text: str
    html: str


class Post(NamedTuple):
    to: str
    letter: Letter


def welcome(*, username: str, token: str, app_url: str) -> Letter:
    """Asks for the proof that the address is its owner's.

    The link's route is behind the `#`: the CDN serves the page at its root alone, and the token stays out of its logs.
    """
    hours = LIFE_S[Purpose.VERIFY_EMAIL] // 3600
    return _letter(
        subject="Welcome to Veza. Please confirm your address",
        greeting=f"Hello {username},",
        paragraphs=["It is good to have you here. One click, and you can share your music:"],
        link=(f"{app_url}/#/verify?token={token}", "Confirm my address"),
        closing=[
            f"Or type this code where you are asked for it: {token}",
            f"Both work for {hours} hours. If it was not you who signed up, do nothing and nothing will happen.",
        ],
    )


def password_reset(*, username: str, token: str, app_url: str) -> Letter:
    minutes = LIFE_S[Purpose.RESET_PASSWORD] // 60
    return _letter(
        subject="Choose a new password",
        greeting=f"Hello {username},",
        paragraphs=["somebody, hopefully you, asked for a new password. Choose it here:"],
        link=(f"{app_url}/#/reset?token={token}", "Choose a new password"),
        closing=[
            f"The link works once, for {minutes} minutes.",
            "If it was not you, do nothing: your password stays as it is.",
        ],
    )


def password_changed(*, username: str, app_url: str) -> Letter:
    return _letter(
        subject="Your password was changed",
        greeting=f"Hello {username},",
        paragraphs=[
            "your password was changed, and all other devices were signed out.",
            NOT_ME,
        ],
        link=(f"{app_url}/#/forgot", "It was not me"),
        closing=[],
    )


def second_factor_changed(*, username: str, enabled: bool, app_url: str) -> Letter:
    what = "now needs a code of your app" if enabled else "does not need a code any more"
    return _letter(
        subject="Your second factor was " + ("set up" if enabled else "taken away"),
        greeting=f"Hello {username},",
        paragraphs=[f"signing in to your account {what}.", "If it was not you, change your password at once:"],
        link=(f"{app_url}/#/forgot", "It was not me"),
        closing=[],
    )


def passkey_changed(*, username: str, name: str, added: bool, app_url: str) -> Letter:
    name = one_line(name)
    return _letter(
        subject="A passkey was " + ("added" if added else "taken away"),
        greeting=f"Hello {username},",
        paragraphs=[
            f"the passkey “{name}” " + ("opens your account from now on." if added else "opens your account no more."),
            NOT_ME,
        ],
        link=(f"{app_url}/#/forgot", "It was not me"),
        closing=[],
    )


def connection_changed(*, username: str, provider: str, added: bool, app_url: str) -> Letter:
    opens = "opens your account from now on" if added else "opens your account no more"
    return _letter(
        subject="A connection was " + ("added" if added else "taken away"),
        greeting=f"Hello {username},",
        paragraphs=[f"your identity at {one_line(provider).title()} {opens}.", NOT_ME],
        link=(f"{app_url}/#/forgot", "It was not me"),
        closing=[],
    )


def api_key_made(*, username: str, name: str, app_url: str) -> Letter:
    return _letter(
        subject="An API key was made",
        greeting=f"Hello {username},",
        paragraphs=[f"the API key “{one_line(name)}” lets a program act in your name from now on.", NOT_ME],
        link=(f"{app_url}/#/forgot", "It was not me"),
        closing=["A password chosen by “Forgot password” ends all API keys."],
    )


def recovery_codes_renewed(*, username: str, app_url: str) -> Letter:
    return _letter(
        subject="Your recovery codes were renewed",
        greeting=f"Hello {username},",
        paragraphs=["there are fresh recovery codes for your account; those of before open nothing any more.", NOT_ME],
        link=(f"{app_url}/#/forgot", "It was not me"),
        closing=[],
    )


def sign_in_link(*, username: str, token: str, app_url: str) -> Letter:
    minutes = LIFE_S[Purpose.SIGN_IN] // 60
    return _letter(
        subject="Your link to sign in",
        greeting=f"Hello {username},",
        paragraphs=["here is the link you asked for:"],
        link=(f"{app_url}/#/sign-in?token={token}", "Sign in"),
        closing=[
            f"It works once, for {minutes} minutes, and only in the browser in which you asked for it.",
            "If it was not you, do nothing. Nobody got in.",
        ],
    )


def email_change(*, username: str, new_email: str, token: str, app_url: str) -> Letter:
    hours = LIFE_S[Purpose.TAKE_EMAIL] // 3600
    return _letter(
        subject="Please confirm your new address",
        greeting=f"Hello {username},",
        paragraphs=[
            f"your account shall move to {one_line(new_email)}. Both the old and the new address have to agree:",
        ],
        link=(f"{app_url}/#/email?token={token}", "I agree"),
        closing=[
            f"The link works for {hours} hours.",
            "If you did not ask for this, do nothing, and change your password: somebody knows it.",
        ],
    )


def account_locked(*, username: str, app_url: str) -> Letter:
    minutes = locked_for_s(FROM_FAILURE) // 60
    return _letter(
        subject="Somebody tried to sign in to your account",
        greeting=f"Hello {username},",
        paragraphs=[
            f"{FROM_FAILURE} times in a row somebody typed a wrong password for your account.",
            f"To be safe, it takes no password for {minutes} minutes, and longer if this goes on.",
            "If that was you: wait a little, then try again. If not: nobody got in. These are all sign-ins:",
        ],
        link=(f"{app_url}/#/account", "Look at my account"),
        closing=["Where you are signed in already, you stay so."],
    )


def session_reused(*, username: str, device: str, app_url: str) -> Letter:
    where = f"Your sign-in on {one_line(device)}" if device else "One of your sign-ins"
    return _letter(
        subject="We signed one of your devices out",
        greeting=f"Hello {username},",
        paragraphs=[
            f"{where} was used from two places at once. That can mean that somebody copied it, so we closed it.",
            "Please sign in again there. If you did not expect this, look at where else you are signed in:",
        ],
        link=(f"{app_url}/#/account", "Look at my account"),
        closing=["Nothing else of your account has changed."],
    )


def account_closing(*, username: str, at: EpochSeconds, app_url: str) -> Letter:
    day = datetime.fromtimestamp(at, UTC).strftime("%-d %B %Y")
    return _letter(
        subject=f"Your account will be erased on {day}",
        greeting=f"Hello {username},",
        paragraphs=[
            f"as you wished, your account, your music and everything we hold about you will be erased on {day}.",
            "Until then nobody hears your music, and every device is signed out.",
            "Changed your mind? Sign in and keep it:",
        ],
        link=(f"{app_url}/#/account", "Keep my account"),
        closing=[
            "If it was not you who asked for this, sign in, keep the account and change your password at once.",
            "Else this is our last letter. Thank you for the music.",
        ],
    )


def account_kept(*, username: str, app_url: str) -> Letter:
    return _letter(
        subject="Your account stays",
        greeting=f"Hello {username},",
        paragraphs=["how good that you stay. Your music can be heard again, and nothing is lost."],
        link=(app_url, "Go to Veza"),
        closing=["API keys work again, too. If it was not you, change your password at once."],
    )


def export_ready(*, username: str, app_url: str) -> Letter:
    days = EXPORT_KEEP_S // (24 * 3600)
    return _letter(
        subject="Your data is ready to be downloaded",
        greeting=f"Hello {username},",
        paragraphs=[f"the copy of your data that you asked for is ready, and stays so for {days} days."],
        link=(f"{app_url}/#/account", "Download it"),
        closing=["You will be asked to show that it is you. If you did not ask for it, change your password at once."],
    )


def track_ready(*, username: str, title: str, app_url: str) -> Letter:
    title = one_line(title)
    return _letter(
        subject=f"“{_shortened(title)}” is ready",
        greeting=f"Hello {username},",
        paragraphs=[f"“{title}” is ready to be heard. We hope it finds its listeners."],
        link=(app_url, "Listen on Veza"),
        closing=[],
    )


def track_rejected(*, username: str, title: str, reason: str, app_url: str) -> Letter:
    title = one_line(title)
    return _letter(
        subject=f"“{_shortened(title)}” could not be accepted",
        greeting=f"Hello {username},",
        paragraphs=[f"we could not accept the file of “{title}”. Nobody can open it.", reason_in_words(reason)],
        link=(app_url, "Upload another file"),
        closing=[],
    )


def track_failed(*, username: str, title: str, reason: str, app_url: str) -> Letter:
    title = one_line(title)
    return _letter(
        subject=f"“{_shortened(title)}” is not ready yet",
        greeting=f"Hello {username},",
        paragraphs=[f"“{title}” did not make it this time, and it was not your file's fault.", reason_in_words(reason)],
        link=(app_url, "Look at it on Veza"),
        closing=["We are sorry for the trouble."],
    )


def reason_in_words(code: str) -> str:
    """The sentence of reasons.py; a general one for a code that is newer than this code."""
    try:
        return MESSAGES[ReasonCode(code)]
    except ValueError:
        return _UNKNOWN_REASON


def one_line(text: str) -> str:
    """`text` without line breaks and control characters, so that it can't start a header of its own."""
    visible = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return " ".join(visible.split())


def _shortened(title: str) -> str:
    return title if len(title) <= SUBJECT_TITLE_MAX else f"{title[: SUBJECT_TITLE_MAX - 1].rstrip()}…"


def _letter(*, subject: str, greeting: str, paragraphs: list[str], link: tuple[str, str], closing: list[str]) -> Letter:
    address, label = link
    signature = "Your Veza"
    text = "\n\n".join([greeting, *paragraphs, address, *closing, signature]) + "\n"
    button = (
        f'<p><a href="{escape(address)}" style="display:inline-block;padding:12px 20px;border-radius:8px;'
        f'background:#111;color:#fff;text-decoration:none">{escape(label)}</a></p>'
    )
    blocks = [_paragraph(greeting), *map(_paragraph, paragraphs), button, *map(_paragraph, [*closing, signature])]
    html = (
        '<!doctype html><html lang="en"><body style="font:16px/1.5 system-ui,sans-serif;color:#111;max-width:36em">'
        f"{''.join(blocks)}</body></html>"
    )
    return Letter(subject=one_line(subject), text=text, html=html)


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"
