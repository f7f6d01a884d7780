"""Wire shapes of sign-in links."""

from pydantic import Field, SecretStr

from api.sign_in.schemas import Client
from api.wire import CODE_MAX, TOKEN_MAX, Flag, PresentedAddress, Wire


class LinkRequest(Wire):
    email: PresentedAddress = Field(min_length=1)
    client: Client = "browser"


class LinkSent(Wire):
    kept: str | None = Field(
        default=None, description="For native clients: to be shown with the link. Browsers keep it in a cookie."
    )


class LinkFollowed(Wire):
    token: SecretStr = Field(min_length=1, max_length=TOKEN_MAX)
    kept: SecretStr | None = Field(default=None, max_length=TOKEN_MAX, description="Instead of the cookie.")
    code: SecretStr | None = Field(default=None, max_length=CODE_MAX, description="If the account has a second factor.")
    remember: Flag = False
    client: Client = "browser"
