"""veza login · register · verify · logout · whoami"""

import sys
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

import typer
from rich.markup import escape

from cli.desk import Desk
from cli.errors import Misused, Refused, Unreachable
from cli.rendering import print_json

PASSWORD_VARIABLE = "VEZA_PASSWORD"  # noqa: S105 — the name of a variable

PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


def login(
    ctx: typer.Context,
    email: Annotated[str | None, typer.Argument(help="Your e-mail address; asked for if left out.")] = None,
    password_stdin: PasswordStdin = False,
    demo: Annotated[bool, typer.Option("--demo", help="Sign in as the demo account of the local stack.")] = False,
) -> None:
    """Sign in. The password is asked for, or taken from VEZA_PASSWORD or --password-stdin."""
    desk: Desk = ctx.obj
    if demo:
        email, password = _demo(desk)
    else:
        email = email or _ask(desk, "E-mail")
        password = _password(desk, from_stdin=password_stdin)
    try:
        credentials = desk.api.login(email=email, password=password)
    except Refused as refusal:
        if refusal.code != "second_factor_required":
            raise
        code = _ask(desk, "Code of your authenticator app, or a recovery code")
        credentials = desk.api.login(email=email, password=password, code=code)
    desk.err.print(f"[green]✓[/] Signed in as [bold]{escape(credentials.username)}[/] at {escape(desk.api_url)}")


def register(
    ctx: typer.Context,
    email: Annotated[str | None, typer.Argument(help="Your e-mail address; asked for if left out.")] = None,
    username: Annotated[str | None, typer.Option(help="3 to 30 letters, digits, '-' or '_'.")] = None,
    password_stdin: PasswordStdin = False,
) -> None:
    """Make an account, confirm the address with the token from the mail, and sign in."""
    desk: Desk = ctx.obj
    email = email or _ask(desk, "E-mail")
    username = username or _ask(desk, "Username")
    password = _password(desk, from_stdin=password_stdin, confirm=True)
    desk.api.register(email=email, username=username, password=password)
    desk.err.print(f"[green]✓[/] Account made. We have sent a mail to [bold]{escape(email)}[/].")
    _say_where_mails_are(desk)
    token = _ask(desk, "Token from the mail (Enter to do it later)", default="") if sys.stdin.isatty() else ""
    if token:
        desk.api.verify_email(token_in(token))
        desk.err.print("[green]✓[/] Address confirmed.")
    desk.api.login(email=email, password=password)
    desk.err.print(f"[green]✓[/] Signed in as [bold]{escape(username)}[/].")
    if not token:
        desk.err.print("Before you can upload, confirm the address with: [bold]veza verify TOKEN[/]")


def verify(
    ctx: typer.Context, token: Annotated[str, typer.Argument(help="The token, or the whole link, from the mail.")]
) -> None:
    """Confirm the e-mail address of a new account."""
    desk: Desk = ctx.obj
    desk.api.verify_email(token_in(token))
    desk.err.print("[green]✓[/] Address confirmed.")


def logout(
    ctx: typer.Context,
    everywhere: Annotated[bool, typer.Option("--everywhere", help="Sign out on all devices.")] = False,
) -> None:
    """Sign out here and end the session on the server."""
    desk: Desk = ctx.obj
    if everywhere:
        desk.api.logout_everywhere()
        desk.err.print("[green]✓[/] Signed out on all devices.")
        return
    try:
        was_signed_in = desk.api.logout()
    except Unreachable as silence:
        raise Unreachable(f"Signed out here, but the server could not be told: {silence.detail}") from silence
    desk.err.print("[green]✓[/] Signed out." if was_signed_in else "Nobody was signed in.")


def whoami(ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show who is signed in, and where."""
    desk: Desk = ctx.obj
    me = desk.api.me()
    if as_json:
        print_json(desk.out, {**me, "api_url": desk.api_url})
        return
    desk.out.print(f"[bold]{escape(me['username'])}[/] <{escape(me['email'])}> at {escape(desk.api_url)}")
    if not me.get("email_verified", True):
        desk.err.print("The address is not confirmed yet: [bold]veza verify TOKEN[/]")
        _say_where_mails_are(desk)


def token_in(text: str) -> str:
    """The token of a pasted link (`…?token=…`), or the text itself."""
    text = text.strip()
    parts = urlsplit(text)
    query = parts.query or parts.fragment.partition("?")[2]
    return parse_qs(query).get("token", [text])[0]


def _demo(desk: Desk) -> tuple[str, str]:
    if desk.local is None or desk.local.demo is None:
        raise Misused("There is no local stack here with a demo account. Start one with: make up")
    return desk.local.demo.email, desk.local.demo.password


def _password(desk: Desk, *, from_stdin: bool, confirm: bool = False) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if given := desk.around.environ.get(PASSWORD_VARIABLE):
        return given
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=confirm, err=True))


def _ask(desk: Desk, question: str, default: str | None = None) -> str:
    """Asked on stderr, so that stdout stays clean. Misused when nobody can answer."""
    try:
        return str(typer.prompt(question, default=default, show_default=False, err=True)).strip()
    except typer.Abort as nobody:
        desk.err.print()
        raise Misused(f"{question} is missing.") from nobody


def _say_where_mails_are(desk: Desk) -> None:
    if desk.local is not None and desk.local.endpoint_url:
        desk.err.print(f"This is a local stack: mails are kept at [link]{escape(desk.local.mailbox_url)}[/link]")
