"""What people hear of each other at once: the two sockets, and the workers that bring frames to many."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, Stack
from constructs import Construct

from infra.constructs.outputs import Outputs
from infra.constructs.python_function import FunctionPlatform, PythonFunction
from infra.constructs.queue_consumer import QueueConsumer
from infra.constructs.web_socket import SocketAddress, WebSocketRoutes
from infra.constructs.work_queue import WorkQueue
from infra.permissions import COUNT, KEEP_ROWS, LIST_OBJECTS, READ_MANY_ROWS, WRITE_OUTBOX
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
        self.platform = FunctionPlatform(self, "Platform", stage=stage)
        self.delivery_work = self._work("Delivery", "deliveries", DELIVERY_TIMEOUT)
        self.chat_silence_work = self._work("ChatSilence", "chat-silence", SILENCE_TIMEOUT)
        self.stream_silence_work = self._work("StreamSilence", "stream-silence", SILENCE_TIMEOUT)
        self.chat, self.chat_silence = self._chat()
        self.stream, self.stream_silence = self._stream()
        for noun, api, function in (("Chat", media.chat_api, self.chat), ("Stream", media.stream_api, self.stream)):
            WebSocketRoutes(self, f"{noun}Routes", api=api, function=function, responses=stage.route_responses)
        self.deliveries = self._deliveries()
        self._output()

    @property
    def functions(self) -> list[PythonFunction]:
        return [self.chat, self.chat_silence, self.stream, self.stream_silence, self.deliveries]

    @property
    def queues(self) -> list[WorkQueue]:
        return [self.delivery_work, self.chat_silence_work, self.stream_silence_work]

    def _work(self, noun: str, name: str, timeout: Duration) -> WorkQueue:
        return WorkQueue(self, f"{noun}Work", stage=self.stage, name=name, timeout=timeout)

    def _chat(self) -> Sequence[PythonFunction]:
        data = self.data
        settings = {"chat_table": data.chat.name, "chat_endpoint": self.media.chat_socket.endpoint}
        workers = self._door("chat", self.media.chat_socket, self.chat_silence_work, settings)
        for worker in workers:
            worker.allow(*READ_MANY_ROWS, *KEEP_ROWS, on=[data.chat.arn])
        return workers

    def _stream(self) -> Sequence[PythonFunction]:
        data, media = self.data, self.media
        settings = {
            "outbox_table": data.outbox.name,
            "media_bucket": media.media.name,
            "media_secret": media.media_secret_arn,
            "media_url": media.site.url,
            "stream_endpoint": media.stream_socket.endpoint,
        }
        workers = self._door("stream", media.stream_socket, self.stream_silence_work, settings)
        for worker in workers:
            worker.allow(*WRITE_OUTBOX, on=[data.outbox.arn])
        socket, _ = workers
        socket.allow("s3:GetObject", on=[media.media.objects()])
        socket.allow(*LIST_OBJECTS, on=[media.media.arn])
        socket.allow("secretsmanager:GetSecretValue", on=[media.media_secret_arn])
        return workers

    def _door(
        self, noun: str, address: SocketAddress, silence: WorkQueue, settings: Mapping[str, str]
    ) -> Sequence[PythonFunction]:
        """What hears the socket, and what looks after those that say nothing: the same service in both."""
        socket = self._worker(f"{noun}-socket", f"ws.{noun}.handler.handler", FRAME_TIMEOUT, silence, settings)
        quiet = self._worker(
            f"{noun}-silence", f"ws.{noun}.silence_handler.handler", SILENCE_TIMEOUT, silence, settings
        )
        for worker in (socket, quiet):
            worker.allow("execute-api:ManageConnections", on=address.connections("POST", "GET", "DELETE"))
        consumer = f"{noun.capitalize()}SilenceConsumer"
        QueueConsumer(self, consumer, work=silence, function=quiet, batch_size=10, concurrency=5)
        return socket, quiet

    def _worker(
        self, name: str, handler: str, timeout: Duration, silence: WorkQueue, settings: Mapping[str, str]
    ) -> PythonFunction:
        data = self.data
        worker = PythonFunction(
            self,
            "".join(word.capitalize() for word in name.split("-")),
            platform=self.platform,
            name=name,
            handler=handler,
            settings={
                "accounts_table": data.accounts.name,
                "catalogue_table": data.catalogue.name,
                "realtime_table": data.realtime.name,
                "counters_table": data.counters.name,
                "limit_factor": str(self.stage.limit_factor),
                "deliveries_queue_url": self.delivery_work.queue.queue_url,
                "silence_queue_url": silence.queue.queue_url,
                **settings,
            },
            timeout=timeout,
            memory_mb=1024,
        )
        worker.allow("dynamodb:BatchGetItem", on=[data.accounts.arn])
        worker.allow("dynamodb:GetItem", on=[data.catalogue.arn])
        worker.allow(*READ_MANY_ROWS, *KEEP_ROWS, on=[data.realtime.arn])
        worker.allow(*COUNT, on=[data.counters.arn])
        worker.allow("sqs:SendMessage", on=[self.delivery_work.queue.queue_arn, silence.queue.queue_arn])
        return worker

    def _deliveries(self) -> PythonFunction:
        chat, stream = self.media.chat_socket, self.media.stream_socket
        worker = PythonFunction(
            self,
            "Deliveries",
            platform=self.platform,
            name="deliveries",
            handler="ws.deliveries.handler.handler",
            settings={
                "realtime_table": self.data.realtime.name,
                "chat_endpoint": chat.endpoint,
                "stream_endpoint": stream.endpoint,
                "deliveries_queue_url": self.delivery_work.queue.queue_url,
            },
            timeout=DELIVERY_TIMEOUT,
            memory_mb=1024,
        )
        worker.allow(*READ_MANY_ROWS, *KEEP_ROWS, on=[self.data.realtime.arn])
        worker.allow("execute-api:ManageConnections", on=[*chat.connections("POST"), *stream.connections("POST")])
        worker.allow("sqs:SendMessage", on=[self.delivery_work.queue.queue_arn])
        QueueConsumer(
            self, "DeliveriesConsumer", work=self.delivery_work, function=worker, batch_size=1, concurrency=20
        )
        return worker

    def _output(self) -> None:
        values = {
            "ChatTable": self.data.chat.name,
            "RealtimeTable": self.data.realtime.name,
            "ChatSocketFunction": self.chat.name,
            "ChatSilenceFunction": self.chat_silence.name,
            "StreamSocketFunction": self.stream.name,
            "StreamSilenceFunction": self.stream_silence.name,
            "DeliveriesFunction": self.deliveries.name,
            "DeliveriesQueueUrl": self.delivery_work.queue.queue_url,
            "ChatSilenceQueueUrl": self.chat_silence_work.queue.queue_url,
            "StreamSilenceQueueUrl": self.stream_silence_work.queue.queue_url,
            "DeliveriesDeadLettersUrl": self.delivery_work.dead_letters.queue_url,
            "ChatSilenceDeadLettersUrl": self.chat_silence_work.dead_letters.queue_url,
            "StreamSilenceDeadLettersUrl": self.stream_silence_work.dead_letters.queue_url,
        }
        Outputs(self, "Outputs", values=values)
