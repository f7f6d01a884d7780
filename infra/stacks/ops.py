"""What wakes somebody up, and what they look at then."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.constructs.alarms import FIVE_MINUTES, Alarms
from infra.constructs.outputs import Outputs
from infra.stacks.api import ApiStack
from infra.stacks.pipeline import PipelineStack
from infra.stacks.realtime import RealtimeStack
from infra.stages import Stage

METRICS = "veza"
"""Namespace of our own metrics; functions/core/telemetry.py writes them with the function as dimension `service`."""
EVENT_LOST, EVENT_LOST_BY = "EventLost", "sweep"
AUDIT_LOST = "AuditLost"
FAILED_SIGN_INS, FAILED_SIGN_INS_BY, FAILED_SIGN_INS_MAX = "FailedSignIn", "accounts-api", 300
"""One a second: far more than people mistype, whatever the address or the account."""
FRAME_DROPPED, FRAME_DROPPED_BY, FRAMES_DROPPED_MAX = "FrameDropped", "deliveries", 100
LONGEST_WAIT = Duration.hours(1)
DEFINITIONS_AGE, DEFINITIONS_AGE_BY = "DefinitionsAgeHours", "definitions"
DEFINITIONS_TOLD_WITHIN = Duration.hours(6)
"""Two of its runs: each period holds at least one."""


class OpsStack(Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        pipeline: PipelineStack,
        realtime: RealtimeStack,
        api: ApiStack,
    ) -> None:
        super().__init__(scope, construct_id, env=stage.environment)
        self.functions = [*pipeline.functions, *realtime.functions, *api.functions]
        self.works = [*pipeline.queues, *realtime.queues]
        topic = sns.Topic(self, "Alerts", topic_name=f"veza-{stage.name}-alerts", enforce_ssl=stage.tls_only)
        if stage.alarm_email:
            topic.add_subscription(subscriptions.EmailSubscription(stage.alarm_email))
        self.alarms = Alarms(self, "Alarms", prefix=f"veza-{stage.name}", topic=topic)
        self._watch_queues(pipeline)
        self._watch_realtime()
        self._watch_functions()
        self._watch_events(pipeline)
        self._watch_definitions()
        self._watch_api(api)
        self._dashboard(stage, api)
        Outputs(self, "Outputs", values={"AlertsTopic": topic.topic_arn})

    def _watch_realtime(self) -> None:
        self.alarms.watch_metric(
            "FramesDropped",
            _told(FRAME_DROPPED, by=FRAME_DROPPED_BY),
            at_least=FRAMES_DROPPED_MAX,
            meaning="The gateway would not take what sockets should hear; clients ask for it when they notice",
        )

    def _watch_queues(self, pipeline: PipelineStack) -> None:
        for work in self.works:
            self.alarms.watch_dead_letters(work.node.id, work.dead_letters)
            self.alarms.watch_age(work.node.id, work.queue, at_least=LONGEST_WAIT)
        self.alarms.watch_dead_letters("Relay", pipeline.outbox_relay.dead_letters)

    def _watch_functions(self) -> None:
        for function in self.functions:
            self.alarms.watch_metric(
                f"{function.node.id}-errors",
                function.function.metric_errors(period=FIVE_MINUTES, statistic="Sum"),
                at_least=1,
                meaning="A call ended in an error that the function did not handle",
            )

    def _watch_events(self, pipeline: PipelineStack) -> None:
        self.alarms.watch_metric(
            "EventLost",
            _told(EVENT_LOST, by=EVENT_LOST_BY),
            at_least=1,
            meaning="The sweep started work whose event never came",
        )
        self.alarms.watch_metric(
            "RelayBehind",
            pipeline.relay.function.metric("IteratorAge", period=FIVE_MINUTES, statistic="Maximum"),
            at_least=Duration.minutes(5).to_milliseconds(),
            meaning="Events lie in the outbox and are not on the bus",
        )

    def _watch_definitions(self) -> None:
        """Halfway to the age at which uploads wait."""
        self.alarms.watch_metric(
            "DefinitionsOld",
            _told(DEFINITIONS_AGE, by=DEFINITIONS_AGE_BY, period=DEFINITIONS_TOLD_WITHIN, statistic="Maximum"),
            at_least=24,
            meaning="The virus definitions are a day old, or nobody tells; at 48 hours uploads wait",
            silence_is_bad=True,
        )

    def _watch_api(self, api: ApiStack) -> None:
        self.alarms.watch_metric(
            "ApiFaults",
            api.media.http_api.metric_server_error(period=FIVE_MINUTES, statistic="Sum"),
            at_least=5,
            meaning="The API answers with faults of its own",
        )

        self.alarms.watch_metric(
            "FailedSignIns",
            _told(FAILED_SIGN_INS, by=FAILED_SIGN_INS_BY),
            at_least=FAILED_SIGN_INS_MAX,
            meaning="Leaked passwords are being tried; see the audit, and the firewall's figures",
        )
        for function in (api.accounts, api.catalogue, api.chat):
            self.alarms.watch_metric(
                f"{function.node.id}-audit-lost",
                cloudwatch.Metric(
                    namespace=METRICS,
                    metric_name=AUDIT_LOST,
                    dimensions_map={"service": function.name.removeprefix(f"veza-{api.stage.name}-")},
                    period=FIVE_MINUTES,
                    statistic="Sum",
                ),
                at_least=1,
                meaning="A change was made that the audit does not know of",
            )

    def _dashboard(self, stage: Stage, api: ApiStack) -> None:
        http_api, queues = api.media.http_api, [work.queue for work in self.works]
        rows: list[list[cloudwatch.IWidget]] = [
            [cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(self.alarms.alarms), width=24)],
            [
                _graph(
                    "Requests",
                    [http_api.metric_count(), http_api.metric_client_error(), http_api.metric_server_error()],
                ),
                _graph("Answer time (ms)", [http_api.metric_latency(statistic=s) for s in ("p50", "p99")]),
            ],
            [
                _graph("Waiting messages", [it.metric_approximate_number_of_messages_visible() for it in queues]),
                _graph("Oldest message (s)", [it.metric_approximate_age_of_oldest_message() for it in queues]),
            ],
            [
                _graph("Duration (ms, p99)", [f.function.metric_duration(statistic="p99") for f in self.functions]),
                _graph("Errors", [f.function.metric_errors() for f in self.functions]),
            ],
        ]
        cloudwatch.Dashboard(self, "Dashboard", dashboard_name=f"veza-{stage.name}", widgets=rows)


def _graph(title: str, metrics: list[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=metrics, width=12)


def _told(name: str, *, by: str, period: Duration = FIVE_MINUTES, statistic: str = "Sum") -> cloudwatch.Metric:
    """One of our own metrics, as the function `by` writes it."""
    return cloudwatch.Metric(
        namespace=METRICS, metric_name=name, dimensions_map={"service": by}, period=period, statistic=statistic
    )
