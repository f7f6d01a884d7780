"""Wire shapes of passwords."""

from pydantic import Field, SecretStr

from api.sign_in.schemas import Client
from api.wire import CODE_MAX, PRESENTED_PASSWORD_MAX, TOKEN_MAX, Flag, PresentedAddress, Wire
from core.domain.limits import PASSWORD_MAX, PASSWORD_MIN

NEW = Field(max_length=PRESENTED_PASSWORD_MAX, description=f"{PASSWORD_MIN}–{PASSWORD_MAX} characters.")


class PasswordChange(Wire):
    current_password: SecretStr = Field(max_length=PRESENTED_PASSWORD_MAX)
    code: SecretStr | None = Field(default=None, max_length=CODE_MAX, description="If there is a second factor.")
    new_password: SecretStr = NEW
    client: Client = "browser"


class ForgottenPassword(Wire):
    email: PresentedAddress = Field(min_length=1)


class PasswordReset(Wire):
    token: SecretStr = Field(min_length=1, max_length=TOKEN_MAX)
    new_password: SecretStr = NEW
    evict: Flag = Field(
        default=False, description="Take passkeys and connected identities away too: somebody else may have added them."
    )
