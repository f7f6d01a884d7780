"""What people hear of each other at once: the chat socket, and the workers that bring frames to many."""

from aws_cdk import Duration, Stack
from constructs import Construct

from infra.constructs.outputs import Outputs
from infra.constructs.python_function import FunctionPlatform, PythonFunction
from infra.constructs.queue_consumer import QueueConsumer
from infra.constructs.web_socket import WebSocketRoutes
from infra.constructs.work_queue import WorkQueue
from infra.permissions import COUNT, KEEP_ROWS, READ_MANY_ROWS
from infra.stacks.data import DataStack
from infra.stacks.media import MediaStack
from infra.stages import Stage

FRAME_TIMEOUT = Duration.seconds(25)
"""Below the 29 s after which API Gateway gives up."""
DELIVERY_TIMEOUT = Duration.minutes(1)
SILENCE_TIMEOUT = Duration.minutes(1)


class RealtimeStack(Stack):
    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, data: DataStack, media: MediaStack
    ) -> None:
        super().__init__(scope, construct_id, env=stage.environment)
        self.stage = stage
        self.data = data
        self.media = media
        self.platform = FunctionPlatform(
            self,
            "Platform",
            stage_name=stage.name,
            runtime=stage.runtime,
            engine_layers=stage.engine_layers,
            log_retention=stage.log_retention,
        )
        self.delivery_work = self._work("deliveries", DELIVERY_TIMEOUT)
        self.silence_work = self._work("silence", SILENCE_TIMEOUT)
        self.chat = self._chat_worker("ChatSocket", "chat-socket", "ws.chat.handler.handler", FRAME_TIMEOUT)
        WebSocketRoutes(self, "ChatRoutes", api=media.chat_api, function=self.chat, responses=stage.route_responses)
        self.deliveries = self._deliveries()
        self.silence = self._silence()
        self._output()

    @property
    def functions(self) -> list[PythonFunction]:
        return [self.chat, self.deliveries, self.silence]

    @property
    def queues(self) -> list[WorkQueue]:
        return [self.delivery_work, self.silence_work]

    def _work(self, noun: str, timeout: Duration) -> WorkQueue:
        return WorkQueue(
            self,
            f"{noun.capitalize()}Work",
            name=f"veza-{self.stage.name}-{noun}",
            visibility=self.stage.visibility(timeout),
            tls_only=self.stage.tls_only,
        )

    def _chat_worker(self, construct_id: str, name: str, handler: str, timeout: Duration) -> PythonFunction:
        data, socket = self.data, self.media.chat_socket
        worker = PythonFunction(
            self,
            construct_id,
            platform=self.platform,
            name=name,
            handler=handler,
            settings={
                "accounts_table": data.accounts.name,
                "catalogue_table": data.catalogue.name,
                "chat_table": data.chat.name,
                "realtime_table": data.realtime.name,
                "counters_table": data.counters.name,
                "limit_factor": str(self.stage.limit_factor),
                "chat_endpoint": socket.endpoint,
                "deliveries_queue_url": self.delivery_work.queue.queue_url,
                "silence_queue_url": self.silence_work.queue.queue_url,
            },
            timeout=timeout,
            memory_mb=1024,
        )
        worker.allow("dynamodb:BatchGetItem", on=[data.accounts.arn])
        worker.allow("dynamodb:GetItem", on=[data.catalogue.arn])
        worker.allow(*READ_MANY_ROWS, *KEEP_ROWS, on=[data.chat.arn, data.realtime.arn])
        worker.allow(*COUNT, on=[data.counters.arn])
        worker.allow("execute-api:ManageConnections", on=socket.connections("POST", "GET", "DELETE"))
        worker.allow("sqs:SendMessage", on=[self.delivery_work.queue.queue_arn, self.silence_work.queue.queue_arn])
        return worker

    def _deliveries(self) -> PythonFunction:
        socket = self.media.chat_socket
        worker = PythonFunction(
            self,
            "Deliveries",
            platform=self.platform,
            name="deliveries",
            handler="ws.deliveries.handler.handler",
            settings={
                "realtime_table": self.data.realtime.name,
                "chat_endpoint": socket.endpoint,
                "deliveries_queue_url": self.delivery_work.queue.queue_url,
            },
            timeout=DELIVERY_TIMEOUT,
            memory_mb=1024,
        )
        worker.allow(*READ_MANY_ROWS, *KEEP_ROWS, on=[self.data.realtime.arn])
        worker.allow("execute-api:ManageConnections", on=socket.connections("POST"))
        worker.allow("sqs:SendMessage", on=[self.delivery_work.queue.queue_arn])
        QueueConsumer(
            self, "DeliveriesConsumer", work=self.delivery_work, function=worker, batch_size=1, concurrency=20
        )
        return worker

    def _silence(self) -> PythonFunction:
        worker = self._chat_worker("Silence", "silence", "ws.silence.handler.handler", SILENCE_TIMEOUT)
        QueueConsumer(self, "SilenceConsumer", work=self.silence_work, function=worker, batch_size=10, concurrency=5)
        return worker

    def _output(self) -> None:
        values = {
            "ChatTable": self.data.chat.name,
            "RealtimeTable": self.data.realtime.name,
            "ChatSocketFunction": self.chat.name,
            "DeliveriesFunction": self.deliveries.name,
            "SilenceFunction": self.silence.name,
            "DeliveriesQueueUrl": self.delivery_work.queue.queue_url,
            "SilenceQueueUrl": self.silence_work.queue.queue_url,
        }
        Outputs(self, "Outputs", values=values)
