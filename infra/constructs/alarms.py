"""Alarms on the things that work while nobody looks."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

FIVE_MINUTES = Duration.minutes(5)


class Alarms(Construct):
    """Each `watch_…` tells `topic` when its bound is crossed, and when it is well again.

    No data is good news, unless `silence_is_bad`.
    """

    def __init__(self, scope: Construct, construct_id: str, *, prefix: str, topic: sns.Topic) -> None:
        super().__init__(scope, construct_id)
        self._prefix = prefix
        self._action = actions.SnsAction(topic)
        self.alarms: list[cloudwatch.Alarm] = []

    def watch_dead_letters(self, name: str, queue: sqs.Queue) -> None:
        """One dead letter is one piece of work that nobody will do."""
        metric = queue.metric_approximate_number_of_messages_visible(period=FIVE_MINUTES, statistic="Maximum")
        self._alarm(f"{name}-dead-letters", metric, at_least=1, meaning="Work was given up; look, mend, redrive")

    def watch_age(self, name: str, queue: sqs.Queue, *, at_least: Duration) -> None:
        metric = queue.metric_approximate_age_of_oldest_message(period=FIVE_MINUTES, statistic="Maximum")
        seconds = at_least.to_seconds()
        self._alarm(f"{name}-waiting", metric, at_least=seconds, meaning="Work waits longer than it should")

    def watch_metric(
        self, name: str, metric: cloudwatch.IMetric, *, at_least: float, meaning: str, silence_is_bad: bool = False
    ) -> None:
        self._alarm(name, metric, at_least=at_least, meaning=meaning, silence_is_bad=silence_is_bad)

    def _alarm(
        self, name: str, metric: cloudwatch.IMetric, *, at_least: float, meaning: str, silence_is_bad: bool = False
    ) -> None:
        missing = cloudwatch.TreatMissingData
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_name=f"{self._prefix}-{name}",
            alarm_description=meaning,
            metric=metric,
            threshold=at_least,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=missing.BREACHING if silence_is_bad else missing.NOT_BREACHING,
        )
        alarm.add_alarm_action(self._action)
        alarm.add_ok_action(self._action)
        self.alarms.append(alarm)
