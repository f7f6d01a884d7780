"""API Gateway's connections, by its management API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
"""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from core.adapters.faults import code_of, translated
from core.domain.errors import SocketsUnavailable
from core.domain.sockets import ConnectionId
from core.ports.realtime import Delivered

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

_GONE = frozenset({"GoneException", "410"})
_OUR_MISTAKES = frozenset({"ForbiddenException", "PayloadTooLargeException", "ValidationException"})


class ApiGatewaySockets:
    """Sockets."""

    def __init__(self, client: "ApiGatewayManagementApiClient") -> None:
        self._client = client

    def post(self, connection_id: ConnectionId, frame: str) -> Delivered:
        try:
            self._client.post_to_connection(ConnectionId=connection_id, Data=frame.encode())
        except ClientError as error:
            if code_of(error) in _GONE:
                return Delivered.GONE
            if code_of(error) in _OUR_MISTAKES:
                raise
            return Delivered.LATER
        except BotoCoreError:
            return Delivered.LATER
        return Delivered.YES

    def is_open(self, connection_id: ConnectionId) -> bool:
        try:
            self._client.get_connection(ConnectionId=connection_id)
        except ClientError as error:
            return code_of(error) not in _GONE
        except BotoCoreError:
            return True
        return True

    def close(self, connection_id: ConnectionId) -> None:
        try:
            with translated({}, or_else=SocketsUnavailable("The gateway does not answer.")):
                self._client.delete_connection(ConnectionId=connection_id)
        except SocketsUnavailable as error:
            cause = error.__cause__
            if not (isinstance(cause, ClientError) and code_of(cause) in _GONE):
                raise
