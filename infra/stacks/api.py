"""What answers people: the REST API of three functions, the keys that sign its tokens, and the page's files."""

import json

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.constructs.http_routes import HttpRoutes
from infra.constructs.outputs import Outputs
from infra.constructs.page_files import PageFiles
from infra.constructs.python_function import FunctionPlatform, PythonFunction
from infra.constructs.signing_keys import SigningKeys
from infra.permissions import (
    CHANGE_ROWS,
    COUNT,
    FIND_ROWS,
    KEEP_ROWS,
    LIST_OBJECTS,
    READ_MANY_ROWS,
    READ_OBJECTS,
    READ_ROWS,
    WRITE_AUDIT,
    WRITE_OBJECTS,
    WRITE_OUTBOX,
)
from infra.routes import API, ROUTES
from infra.stacks.data import INCOMING, INCOMING_ATTACHMENTS, DataStack
from infra.stacks.media import MediaStack
from infra.stacks.realtime import RealtimeStack
from infra.stages import Stage

REQUESTS_PER_S, BURST = 1000, 2000
SIGN_IN_REQUESTS_PER_S, SIGN_IN_BURST = 50, 100
"""argon2id is slow and large on purpose, so the sign-in routes are held below the rest."""

ACCESS_LOG = {
    "request_id": "$context.requestId",
    "at": "$context.requestTime",
    "route": "$context.routeKey",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "latency_ms": "$context.responseLatency",
    "error": "$context.integrationErrorMessage",
}
"""Neither the address nor the path: ids and people stay out of the log."""

ANSWER_TIMEOUT = Duration.seconds(25)
"""Below the 30 s after which API Gateway gives up."""


class ApiStack(Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        data: DataStack,
        media: MediaStack,
        realtime: RealtimeStack,
    ) -> None:
        super().__init__(scope, construct_id, env=stage.environment)
        self.data = data
        self.media = media
        self.realtime = realtime
        self.stage = stage
        self.platform = FunctionPlatform(self, "Platform", stage=stage)
        self.keys = SigningKeys(
            self,
            "SigningKeys",
            platform=self.platform,
            secret=data.jwt_secret,
            algorithm=self.stage.token_algorithm,
        )
        self.page = PageFiles(self, "PageFiles", platform=self.platform, bucket=media.page)
        self.accounts = self._accounts()
        self.catalogue = self._catalogue()
        self.chat = self._chat()
        self.about = self._platform()
        self._serve()
        self._output()

    @property
    def functions(self) -> list[PythonFunction]:
        return [self.accounts, self.catalogue, self.chat, self.about, self.keys.function, self.page.function]

    def _accounts(self) -> PythonFunction:
        data = self.data
        accounts = PythonFunction(
            self,
            "Accounts",
            platform=self.platform,
            name="accounts-api",
            handler="api.handlers.accounts.handler",
            settings={
                "accounts_table": data.accounts.name,
                "outbox_table": data.outbox.name,
                "jwt_secret": data.jwt_secret.attr_id,
                "token_algorithm": self.stage.token_algorithm,
                "edge_secret": self.media.edge_secret_arn,
                "exports_bucket": data.exports.name,
                "oauth_secret": data.oauth_secret.attr_id,
                "page_url": self.media.site.url,
                "sealing_key": data.sealing_key.key_arn,
                "audit_table": data.audit.name,
                "audit_days": str(self.stage.audit_days),
                "counters_table": data.counters.name,
                "limit_factor": str(self.stage.limit_factor),
            },
            timeout=ANSWER_TIMEOUT,
            memory_mb=1769,
        )
        accounts.allow(*READ_ROWS, *CHANGE_ROWS, "dynamodb:BatchGetItem", "dynamodb:DeleteItem", on=[data.accounts.arn])
        accounts.allow(*WRITE_AUDIT, *FIND_ROWS, on=[data.audit.arn])
        accounts.allow(*FIND_ROWS, on=[data.audit.index_arn("by_day")])
        accounts.allow(*COUNT, "dynamodb:DeleteItem", on=[data.counters.arn])
        accounts.allow(*WRITE_OUTBOX, on=[data.outbox.arn])
        accounts.allow("s3:GetObject", on=[data.exports.objects()])  # what a signed URL of it may
        accounts.allow("kms:Encrypt", "kms:Decrypt", on=[data.sealing_key.key_arn])
        accounts.allow(
            "secretsmanager:GetSecretValue",
            on=[data.jwt_secret.attr_id, data.oauth_secret.attr_id, self.media.edge_secret_arn],
        )
        return accounts

    def _catalogue(self) -> PythonFunction:
        data, media = self.data, self.media
        catalogue = PythonFunction(
            self,
            "Catalogue",
            platform=self.platform,
            name="catalogue-api",
            handler="api.handlers.catalogue.handler",
            settings={
                "accounts_table": data.accounts.name,
                "catalogue_table": data.catalogue.name,
                "outbox_table": data.outbox.name,
                "uploads_bucket": data.uploads.name,
                "jwt_secret": data.jwt_secret.attr_id,
                "token_algorithm": self.stage.token_algorithm,
                "media_secret": media.media_secret_arn,
                "media_url": media.site.url,
                "scan_queue_url": data.scan.queue.queue_url,
                "audit_table": data.audit.name,
                "audit_days": str(self.stage.audit_days),
                "edge_secret": media.edge_secret_arn,
                "counters_table": data.counters.name,
                "limit_factor": str(self.stage.limit_factor),
            },
            timeout=ANSWER_TIMEOUT,
            memory_mb=1024,
        )
        catalogue.allow(*READ_ROWS, "dynamodb:BatchGetItem", on=[data.accounts.arn])
        catalogue.allow(*WRITE_AUDIT, on=[data.audit.arn])
        catalogue.allow(*COUNT, "dynamodb:BatchGetItem", on=[data.counters.arn])
        catalogue.allow(*READ_ROWS, *CHANGE_ROWS, on=[data.catalogue.arn])
        catalogue.allow(*FIND_ROWS, on=[data.catalogue.index_arn("by_owner")])
        catalogue.allow(*WRITE_OUTBOX, on=[data.outbox.arn])
        # A presigned URL can do what its signer can: put, and nothing outside the door.
        incoming = data.uploads.objects(INCOMING)
        catalogue.allow(*WRITE_OBJECTS, *READ_OBJECTS, "s3:ListMultipartUploadParts", on=[incoming])
        catalogue.allow(*LIST_OBJECTS, on=[data.uploads.arn])
        secrets = [data.jwt_secret.attr_id, media.media_secret_arn, media.edge_secret_arn]
        catalogue.allow("secretsmanager:GetSecretValue", on=secrets)
        catalogue.allow("sqs:SendMessage", on=[data.scan.queue.queue_arn])
        return catalogue

    def _chat(self) -> PythonFunction:
        data, media, deliveries = self.data, self.media, self.realtime.delivery_work.queue
        chat = PythonFunction(
            self,
            "Chat",
            platform=self.platform,
            name="chat-api",
            handler="api.handlers.chat.handler",
            settings={
                "accounts_table": data.accounts.name,
                "catalogue_table": data.catalogue.name,
                "chat_table": data.chat.name,
                "realtime_table": data.realtime.name,
                "uploads_bucket": data.uploads.name,
                "attachments_bucket": data.attachments.name,
                "counters_table": data.counters.name,
                "audit_table": data.audit.name,
                "audit_days": str(self.stage.audit_days),
                "jwt_secret": data.jwt_secret.attr_id,
                "token_algorithm": self.stage.token_algorithm,
                "edge_secret": media.edge_secret_arn,
                "limit_factor": str(self.stage.limit_factor),
                "page_url": media.site.url,
                "chat_url": media.chat_socket.url,
                "stream_url": media.stream_socket.url,
                "chat_endpoint": media.chat_socket.endpoint,
                "deliveries_queue_url": deliveries.queue_url,
                "ice_urls": self.stage.ice_urls,
                "turn_secret": data.turn_secret_arn,
            },
            timeout=ANSWER_TIMEOUT,
            memory_mb=1024,
        )
        chat.allow("dynamodb:GetItem", "dynamodb:BatchGetItem", on=[data.accounts.arn])
        chat.allow("dynamodb:GetItem", on=[data.catalogue.arn])
        chat.allow(*READ_MANY_ROWS, *KEEP_ROWS, on=[data.chat.arn, data.realtime.arn])
        chat.allow(*COUNT, on=[data.counters.arn])
        chat.allow(*WRITE_AUDIT, on=[data.audit.arn])
        # What its presigned URLs may: put an attachment where the scan finds it, get one that passed.
        chat.allow("s3:PutObject", on=[data.uploads.objects(INCOMING_ATTACHMENTS)])
        chat.allow("s3:GetObject", on=[data.attachments.objects()])
        chat.allow("execute-api:ManageConnections", on=media.chat_socket.connections("POST"))
        chat.allow("sqs:SendMessage", on=[deliveries.queue_arn])
        secrets = [data.jwt_secret.attr_id, media.edge_secret_arn, data.turn_secret_arn]
        chat.allow("secretsmanager:GetSecretValue", on=secrets)
        return chat

    def _platform(self) -> PythonFunction:
        data, media = self.data, self.media
        platform = PythonFunction(
            self,
            "About",
            platform=self.platform,
            name="platform-api",
            handler="api.handlers.platform.handler",
            settings={
                "accounts_table": data.accounts.name,
                "catalogue_table": data.catalogue.name,
                "operations_table": data.operations.name,
                "definitions_bucket": data.definitions.name,
                "media_bucket": media.media.name,
                "uploads_bucket": data.uploads.name,
                "definitions_max_age_h": str(self.stage.definitions_max_age_h),
            },
            timeout=ANSWER_TIMEOUT,
            memory_mb=512,
        )
        platform.allow("dynamodb:GetItem", on=[data.accounts.arn, data.catalogue.arn, data.operations.arn])
        platform.allow(*READ_OBJECTS, on=[data.definitions.objects("definitions/")])
        platform.allow(*LIST_OBJECTS, on=[data.definitions.arn, data.uploads.arn, media.media.arn])
        return platform

    def _serve(self) -> None:
        api = self.media.http_api
        functions = {"accounts": self.accounts, "catalogue": self.catalogue, "chat": self.chat, "platform": self.about}
        routes = {
            area: HttpRoutes(self, f"{area}-routes", api=api, function=function, paths=ROUTES[area])
            for area, function in functions.items()
        }
        log = logs.LogGroup(
            self,
            "AccessLog",
            # Below this prefix log groups share one delivery policy; elsewhere each API would add to a limit of ten.
            log_group_name=f"/aws/vendedlogs/veza-{self.stage.name}-api",
            retention=self.stage.log_retention,
            removal_policy=RemovalPolicy.DESTROY,
        )
        live = apigateway.HttpStage(
            self,
            "Live",
            http_api=api,
            stage_name="$default",
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(rate_limit=REQUESTS_PER_S, burst_limit=BURST),
        )
        resource = live.node.default_child
        assert isinstance(resource, apigateway.CfnStage)
        resource.route_settings = {
            f"ANY {path}": {"ThrottlingRateLimit": SIGN_IN_REQUESTS_PER_S, "ThrottlingBurstLimit": SIGN_IN_BURST}
            for path in ROUTES["accounts"]
            if path.startswith(f"{API}/auth")
        }
        resource.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=log.log_group_arn, format=json.dumps(ACCESS_LOG)
        )
        live.node.add_dependency(*routes.values())

    def _output(self) -> None:
        functions = {
            "Accounts": self.accounts,
            "Catalogue": self.catalogue,
            "Chat": self.chat,
            "Platform": self.about,
            "Keys": self.keys.function,
            "Page": self.page.function,
        }
        Outputs(self, "Outputs", values={f"{noun}Function": function.name for noun, function in functions.items()})
