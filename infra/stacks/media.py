"""What the world sees: the page, the media, and the CDN that serves both and the API under one address."""

from aws_cdk import Aws, Duration, RemovalPolicy, Stack, Tags
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.constructs.firewall import Firewall
from infra.constructs.outputs import Outputs
from infra.constructs.private_bucket import PrivateBucket
from infra.constructs.secret_arn import whole_arn
from infra.constructs.site import Site
from infra.constructs.web_socket import socket_address
from infra.stages import Stage

PUNCTUATION = "".join(chr(code) for code in range(33, 127) if not chr(code).isalnum())


class MediaStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id, env=stage.environment, termination_protection=stage.keep_data)
        self.media = PrivateBucket(
            self,
            "Media",
            name=stage.bucket_name("media"),
            keep=stage.keep_data,
            tls_only=stage.tls_only,
            versioned=False,
            lifecycle=[s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(2))],
        )
        self.page = PrivateBucket(
            self, "Page", name=stage.bucket_name("web"), keep=False, tls_only=stage.tls_only, versioned=False
        )
        self.media_secret = self._shared_with_edge(
            stage, "media", "Signs the tokens in media addresses; the edge function holds a copy"
        )
        self.edge_secret = self._shared_with_edge(
            stage, "edge", "Tells the API that a request came by the CDN, which sends it along"
        )
        self.http_api = apigateway.HttpApi(
            self, "Api", api_name=f"veza-{stage.name}", description="Veza API v1", create_default_stage=False
        )
        if stage.api_id:
            Tags.of(self.http_api).add("ms-custom-id", stage.api_id)
        self.chat_api = self._web_socket(stage, "chat")
        self.chat_socket = socket_address(stage.socket_address, self.chat_api.api_id)
        self.stream_api = self._web_socket(stage, "stream")
        self.stream_socket = socket_address(stage.socket_address, self.stream_api.api_id)
        self.site = Site(
            self,
            "Site",
            page=self.page.bucket,
            media=self.media.bucket,
            media_secret=self.media_secret,
            edge_secret=self.edge_secret,
            firewall=self._firewall(stage),
            api_id=self.http_api.api_id,
            api_address=stage.api_address,
            site_address=stage.site_address,
            socket_addresses=sorted({self.chat_socket.origin, self.stream_socket.origin}),
            upload_addresses=[
                address.format(bucket=stage.bucket_name("uploads"), region=Aws.REGION)
                for address in stage.upload_addresses
            ],
        )
        self._output(stage)

    def _web_socket(self, stage: Stage, noun: str) -> apigateway.WebSocketApi:
        """Without routes: those are where their functions are (realtime.py)."""
        api = apigateway.WebSocketApi(
            self,
            f"{noun.capitalize()}Api",
            api_name=f"veza-{stage.name}-{noun}",
            description=f"Veza's {noun} socket",
            route_selection_expression="$request.body.type",
        )
        if stage.api_id:
            Tags.of(api).add("ms-custom-id", f"{stage.api_id}{noun[0]}")
        return api

    def _firewall(self, stage: Stage) -> str | None:
        if stage.firewall == "own":
            return Firewall(self, "Firewall", name=f"veza-{stage.name}").arn
        return None if stage.firewall == "none" else stage.firewall

    def _shared_with_edge(self, stage: Stage, noun: str, description: str) -> secretsmanager.Secret:
        """Letters and digits alone, because the CDN carries it in a string literal or a header."""
        return secretsmanager.Secret(
            self,
            f"{noun.capitalize()}Secret",
            secret_name=f"veza-{stage.name}-{noun}",
            description=description,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=64, exclude_characters=PUNCTUATION
            ),
            removal_policy=RemovalPolicy.RETAIN if stage.keep_data else RemovalPolicy.DESTROY,
        )

    @property
    def media_secret_arn(self) -> str:
        return whole_arn(self.media_secret)

    @property
    def edge_secret_arn(self) -> str:
        return whole_arn(self.edge_secret)

    def _output(self, stage: Stage) -> None:
        api_address = stage.api_address.format(api=self.http_api.api_id, region=Aws.REGION)
        outputs = {
            "AppUrl": self.site.url,
            "MediaUrl": self.site.url,
            "ApiUrl": f"{api_address}/api/v1",
            "ApiId": self.http_api.api_id,
            "ChatUrl": self.chat_socket.url,
            "ChatEndpoint": self.chat_socket.endpoint,
            "StreamUrl": self.stream_socket.url,
            "StreamEndpoint": self.stream_socket.endpoint,
            "DistributionDomain": self.site.distribution.domain_name,
            "DistributionId": self.site.distribution.distribution_id,
            "MediaBucket": self.media.name,
            "WebBucket": self.page.name,
            "MediaSecret": self.media_secret_arn,
        }
        Outputs(self, "Outputs", values=outputs)
