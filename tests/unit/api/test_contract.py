"""The published contract: complete, honest about errors, and the one that is committed."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

from api.platform import contract, docs_page
from core.domain.errors import VezaError

COMMITTED = Path(__file__).parents[3] / "docs" / "openapi.json"

WANTED = {
    "POST /api/v1/auth/register",
    "POST /api/v1/auth/verify-email",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/refresh",
    "POST /api/v1/auth/logout",
    "POST /api/v1/auth/revoke",
    "GET /api/v1/auth/check-username",
    "POST /api/v1/auth/verify-email/resend",
    "POST /api/v1/auth/magic-link",
    "POST /api/v1/auth/magic-link/sign-in",
    "POST /api/v1/auth/passkey-options",
    "POST /api/v1/auth/passkeys",
    "GET /api/v1/auth/passkeys",
    "PATCH /api/v1/auth/passkeys/{passkey_id}",
    "DELETE /api/v1/auth/passkeys/{passkey_id}",
    "POST /api/v1/auth/passkey-sign-in/options",
    "POST /api/v1/auth/passkey-sign-in",
    "POST /api/v1/auth/passkey-step-up",
    "GET /api/v1/auth/providers",
    "POST /api/v1/auth/providers/{provider}/visit",
    "POST /api/v1/auth/providers/sign-in",
    "GET /api/v1/auth/connections",
    "DELETE /api/v1/auth/connections/{provider}",
    "POST /api/v1/auth/api-keys",
    "GET /api/v1/auth/api-keys",
    "DELETE /api/v1/auth/api-keys/{key_id}",
    "POST /api/v1/auth/totp/set-up",
    "POST /api/v1/auth/totp/confirm",
    "POST /api/v1/auth/totp/recovery-codes",
    "POST /api/v1/auth/totp/disable",
    "POST /api/v1/auth/step-up",
    "POST /api/v1/auth/password/change",
    "POST /api/v1/auth/password/forgot",
    "POST /api/v1/auth/password/reset",
    "POST /api/v1/auth/email",
    "DELETE /api/v1/auth/email",
    "POST /api/v1/auth/email/confirm",
    "GET /api/v1/auth/me",
    "GET /api/v1/auth/sessions",
    "DELETE /api/v1/auth/sessions/{session_id}",
    "POST /api/v1/auth/logout-others",
    "POST /api/v1/auth/logout-everywhere",
    "GET /api/v1/auth/login-history",
    "GET /api/v1/privacy/consents",
    "POST /api/v1/privacy/consents",
    "POST /api/v1/privacy/exports",
    "GET /api/v1/privacy/exports",
    "POST /api/v1/privacy/exports/{export_id}/link",
    "POST /api/v1/privacy/closing",
    "DELETE /api/v1/privacy/closing",
    "GET /api/v1/admin/audit",
    "GET /api/v1/admin/users/{account_id}",
    "PUT /api/v1/admin/users/{account_id}/roles",
    "POST /api/v1/admin/users/{account_id}/suspend",
    "POST /api/v1/admin/users/{account_id}/reinstate",
    "POST /api/v1/admin/users/{account_id}/end-sessions",
    "DELETE /api/v1/admin/users/{account_id}/second-factor",
    "GET /.well-known/jwks.json",
    "POST /api/v1/uploads",
    "GET /api/v1/uploads/{upload_id}",
    "POST /api/v1/uploads/{upload_id}/parts",
    "POST /api/v1/uploads/{upload_id}/complete",
    "DELETE /api/v1/uploads/{upload_id}",
    "GET /api/v1/tracks",
    "GET /api/v1/tracks/{track_id}",
    "PATCH /api/v1/tracks/{track_id}",
    "DELETE /api/v1/tracks/{track_id}",
    "POST /api/v1/tracks/{track_id}/retry",
    "POST /api/v1/tracks/{track_id}/stream",
    "GET /api/v1/tracks/{track_id}/plays",
    "POST /api/v1/ws/tickets",
    "GET /api/v1/calls/ice",
    "POST /api/v1/conversations",
    "GET /api/v1/conversations",
    "GET /api/v1/conversations/{conversation_id}",
    "PATCH /api/v1/conversations/{conversation_id}",
    "POST /api/v1/conversations/{conversation_id}/join",
    "POST /api/v1/conversations/{conversation_id}/leave",
    "GET /api/v1/conversations/{conversation_id}/members",
    "POST /api/v1/conversations/{conversation_id}/members",
    "PATCH /api/v1/conversations/{conversation_id}/members/{account_id}",
    "DELETE /api/v1/conversations/{conversation_id}/members/{account_id}",
    "PUT /api/v1/conversations/{conversation_id}/bans/{account_id}",
    "DELETE /api/v1/conversations/{conversation_id}/bans/{account_id}",
    "GET /api/v1/rooms",
    "GET /api/v1/conversations/{conversation_id}/messages",
    "GET /api/v1/conversations/{conversation_id}/messages/search",
    "GET /api/v1/conversations/{conversation_id}/pins",
    "GET /api/v1/conversations/{conversation_id}/updates",
    "PUT /api/v1/conversations/{conversation_id}/receipts",
    "POST /api/v1/conversations/{conversation_id}/attachments",
    "GET /api/v1/conversations/{conversation_id}/attachments/{attachment_id}",
    "DELETE /api/v1/conversations/{conversation_id}/attachments/{attachment_id}",
    "GET /api/v1/blocks",
    "PUT /api/v1/blocks/{account_id}",
    "DELETE /api/v1/blocks/{account_id}",
    "GET /healthz",
    "GET /readyz",
}


def test_the_committed_document_is_the_one_the_code_makes() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == contract.text(), (
        "run `python -m api.platform.contract docs/openapi.json` with functions/ on the path"
    )


def test_every_route_of_the_product_is_there() -> None:
    paths = contract.openapi()["paths"]

    assert {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods} == WANTED


def test_no_name_stands_where_an_id_could() -> None:
    """Else other methods of it would be said of an id that is none, not of the route (RFC 9110 §15.5.6)."""
    paths = {path: path.split("/") for path in contract.openapi()["paths"]}

    def covers(pattern: list[str], path: list[str]) -> bool:
        return len(pattern) == len(path) and all(
            ours == theirs or ours.startswith("{") for ours, theirs in zip(pattern, path, strict=True)
        )

    assert [
        (name, other) for name in paths for other in paths if name != other and covers(paths[other], paths[name])
    ] == []


def test_every_operation_announces_problems_as_its_errors() -> None:
    for operation in contract.operations(contract.openapi()):
        assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"]
        assert "422" not in operation["responses"]


def test_operation_ids_are_unique_and_every_operation_says_what_it_does() -> None:
    found = list(contract.operations(contract.openapi()))

    assert len({operation["operationId"] for operation in found}) == len(found)
    assert all(operation["description"] for operation in found)


def test_request_bodies_refuse_unknown_fields() -> None:
    schemas = contract.openapi()["components"]["schemas"]

    for name in (
        "Registration",
        "Credentials",
        "RefreshRequest",
        "RolesRequest",
        "UploadRequest",
        "Completion",
        "TrackEdit",
    ):
        assert schemas[name]["additionalProperties"] is False


@pytest.fixture(scope="module")
def page() -> str:
    return docs_page.render(contract.openapi())


def test_the_page_shows_every_operation(page: str) -> None:
    for operation in contract.operations(contract.openapi()):
        assert f'id="{operation["operationId"]}"' in page


def test_the_page_has_the_style_that_its_policy_allows(page: str) -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{allowed}'" in docs_page.CONTENT_SECURITY_POLICY


def test_the_page_needs_nothing_from_anywhere(page: str) -> None:
    assert re.findall(r"(?:src|href)=\"(?!#)([^\"]*)\"", page) == ["openapi.json"]
    assert "<script" not in page


def test_links_between_shapes_lead_somewhere(page: str) -> None:
    assert {target for target in re.findall(r'href="#([^"]+)"', page) if f'id="{target}"' not in page} == set()


def test_the_page_escapes_what_it_shows() -> None:
    document = {
        "info": {"title": "<script>", "version": "1", "description": "`<b>`"},
        "paths": {},
        "components": {"schemas": {}},
    }

    assert "<script" not in docs_page.render(document)
    assert "<code>&lt;b&gt;</code>" in docs_page.render(document)


def test_no_error_class_is_without_a_status() -> None:
    from api.errors import status_of

    def below(kind: type[VezaError]) -> set[type[VezaError]]:
        return {kind}.union(*(below(child) for child in kind.__subclasses__()))

    unanswered = {kind.__name__ for kind in below(VezaError) if status_of(kind.__new__(kind)) == 500}
    assert unanswered == {"VezaError", "Refused"}
