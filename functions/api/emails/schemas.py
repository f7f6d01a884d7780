"""Wire shapes of e-mail addresses."""

from pydantic import EmailStr, Field, SecretStr

from api.emails.service import Agreement
from api.wire import CODE_MAX, PRESENTED_PASSWORD_MAX, TOKEN_MAX, Wire


class EmailChangeRequest(Wire):
    password: SecretStr = Field(max_length=PRESENTED_PASSWORD_MAX)
    code: SecretStr | None = Field(default=None, max_length=CODE_MAX, description="If there is a second factor.")
    new_email: EmailStr = Field(max_length=254)


class EmailAgreement(Wire):
    token: SecretStr = Field(min_length=1, max_length=TOKEN_MAX)


class EmailChangeState(Wire):
    status: Agreement = Field(description="`waiting` for the other address's link, or `changed`.")
