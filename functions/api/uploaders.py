"""Who may send us files."""

from core.domain.errors import NotAllowed, NotAuthenticated, NotFound
from core.domain.ids import AccountId
from core.store.accounts import AccountRepository


def must_be_verified(account_id: AccountId, accounts: AccountRepository) -> None:
    """Raises NotAuthenticated(`account_gone`), NotAllowed(`email_not_verified`)."""
    try:
        account = accounts.get(account_id)
    except NotFound as gone:
        raise NotAuthenticated("This account does not exist any more.", code="account_gone") from gone
    if not account.email_verified:
        raise NotAllowed("Please confirm your e-mail address before you upload.", code="email_not_verified")
