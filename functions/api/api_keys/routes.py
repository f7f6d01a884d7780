"""HTTP of API keys."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api.access import Caller, Needs
from api.api_keys.schemas import ApiKeyRequest, ApiKeys, ApiKeyView, NewApiKey
from api.api_keys.service import ApiKeyService
from api.dependencies import provided
from api.wire import AUTH_PREFIX
from core.domain.ids import ID_PATTERN
from core.domain.permissions import Permission

keys = APIRouter(prefix=f"{AUTH_PREFIX}/api-keys", tags=["api keys"])
routers = (keys,)

Service = Annotated[ApiKeyService, Depends(provided(ApiKeyService))]
Owner = Annotated[Caller, Depends(Needs(Permission.ACCOUNT_OWN))]
Person = Annotated[Caller, Depends(Needs(Permission.ACCOUNT_OWN, fresh=True))]
KeyPath = Annotated[str, Path(pattern=ID_PATTERN)]


@keys.post("", status_code=201, operation_id="make_api_key")
def make(body: ApiKeyRequest, caller: Person, service: Service) -> NewApiKey:
    """A key for a program, shown once. No key can make another."""
    scopes = frozenset(body.scopes)
    made = service.make(
        caller.account_id,
        name=body.name,
        scopes=scopes,
        life_s=body.expires_in,
        strong=caller.strong,
        token_version=caller.token_version,
    )
    return NewApiKey.made(made)


@keys.get("", operation_id="list_api_keys")
def list_own(caller: Owner, service: Service) -> ApiKeys:
    """Your keys, the newest first; never their secrets."""
    return ApiKeys(items=[ApiKeyView.of(key, used) for key, used in service.list_of(caller.account_id)])


@keys.delete("/{key_id}", status_code=204, operation_id="delete_api_key")
def delete(key_id: KeyPath, caller: Owner, service: Service) -> None:
    """Takes a key away; it opens nothing any more, at once."""
    service.remove(caller.account_id, key_id)
