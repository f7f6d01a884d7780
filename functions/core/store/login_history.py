"""The sign-ins of an account, kept for LOGIN_HISTORY_S."""

from core.domain.ids import AccountId
from core.domain.logins import Login
from core.store.account_rows import LOGIN_PREFIX, LoginRow, account_pk, login_sk
from core.store.faults import translated
from core.store.page import Page, cursor_after, id_of_cursor
from core.store.rows import bound


class LoginHistory:
    """All methods raise StoreUnavailable while DynamoDB can't answer."""

    def __init__(self, accounts_table: str) -> None:
        self._rows = bound(LoginRow, accounts_table)

    def add(self, login: Login) -> None:
        with translated():
            self._rows.of(login).save()

    def list_of(self, account_id: AccountId, *, limit: int, cursor: str | None) -> Page[Login]:
        """The newest first. Raises InvalidInput(`cursor_invalid`)."""
        sk, last = self._rows.sk, None if cursor is None else id_of_cursor(cursor)
        # A key condition takes one range: from the prefix up to the last one that was shown, which is left out below.
        found = sk.startswith(LOGIN_PREFIX) if last is None else sk.between(LOGIN_PREFIX, login_sk(last))
        with translated():
            rows = self._rows.query(account_pk(account_id), found, scan_index_forward=False, limit=limit + 2)
            logins = [row.noun() for row in rows if row.id != last]
        more = len(logins) > limit
        return Page(items=logins[:limit], next_cursor=cursor_after(logins[limit - 1].id) if more else None)
