"""A WebSocket API and the one function that hears everything on it."""

from dataclasses import dataclass

from aws_cdk import Aws
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from constructs import Construct

from infra.constructs.python_function import PythonFunction

STAGE = "live"
"""A WebSocket API has no stage without a name."""
FRAMES_PER_S, BURST = 5000, 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketAddress:
    """`url` is where clients connect, `endpoint` where connections are managed."""

    url: str
    endpoint: str
    api_id: str

    @property
    def origin(self) -> str:
        """Scheme and host, for the page's content security policy."""
        return "/".join(self.url.split("/")[:3])

    def connections(self, *methods: str) -> list[str]:
        """ARNs of what may be done to connections: https://docs.aws.amazon.com/apigateway/latest/developerguide/
        apigateway-websocket-control-access-iam.html"""
        api = f"arn:{Aws.PARTITION}:execute-api:{Aws.REGION}:{Aws.ACCOUNT_ID}:{self.api_id}"
        return [f"{api}/{STAGE}/{method}/@connections/*" for method in methods]


def socket_address(template: str, api_id: str) -> SocketAddress:
    """`template` is a stage's `socket_address`."""
    url = template.format(api=api_id, region=Aws.REGION, stage=STAGE)
    return SocketAddress(url=url, endpoint=url.replace("ws", "http", 1), api_id=api_id)


class WebSocketRoutes(Construct):
    """Hands the handshake, every frame and the end to `function`; what it answers to a frame goes back, which has to
    be said with `responses` unless the gateway does so by itself."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        api: apigateway.WebSocketApi,
        function: PythonFunction,
        responses: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        routes = [
            apigateway.WebSocketRoute(
                self,
                name,
                web_socket_api=api,
                route_key=f"${name}",
                integration=integrations.WebSocketLambdaIntegration(f"{name}-integration", function.function),
                return_response=(responses and name == "default") or None,
            )
            for name in ("connect", "disconnect", "default")
        ]
        live = apigateway.WebSocketStage(
            self,
            "Live",
            web_socket_api=api,
            stage_name=STAGE,
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(rate_limit=FRAMES_PER_S, burst_limit=BURST),
        )
        live.node.add_dependency(*routes)
