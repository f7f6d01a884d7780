"""Paths of the HTTP API that one function answers."""

from collections.abc import Sequence

from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from constructs import Construct

from infra.constructs.python_function import PythonFunction


class HttpRoutes(Construct):
    """Hands every method on `paths` to `function`: which methods exist is told once, in the application."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        api: apigateway.HttpApi,
        function: PythonFunction,
        paths: Sequence[str],
    ) -> None:
        super().__init__(scope, construct_id)
        integration = integrations.HttpLambdaIntegration(f"{function.name}-integration", function.function)
        self.routes = [
            apigateway.HttpRoute(
                self,
                path,
                http_api=api,
                route_key=apigateway.HttpRouteKey.with_(path, apigateway.HttpMethod.ANY),
                integration=integration,
            )
            for path in paths
        ]
