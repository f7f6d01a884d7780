"""A consumer's place on the bus."""

from collections.abc import Sequence

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.constructs.work_queue import WorkQueue


class Subscription(Construct):
    """Puts every message of the named types (`{type}.v{version}`) on the consumer's own queue.

    What EventBridge can't deliver within a day lies with the queue's dead letters.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bus: events.EventBus,
        source: str,
        detail_types: Sequence[str],
        work: WorkQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        events.Rule(
            self,
            "Rule",
            event_bus=bus,
            event_pattern=events.EventPattern(source=[source], detail_type=list(detail_types)),
            targets=[targets.SqsQueue(work.queue, dead_letter_queue=work.dead_letters)],
        )
