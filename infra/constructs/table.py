"""A DynamoDB table of the project's shape."""

from dataclasses import dataclass

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

S, N = dynamodb.AttributeType.STRING, dynamodb.AttributeType.NUMBER


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    name: str
    partition: tuple[str, dynamodb.AttributeType]
    sort: tuple[str, dynamodb.AttributeType]


class Table(Construct):
    """On-demand, point-in-time recovery, TTL in `ttl`; key `pk`, with `sk` unless `single_key`.

    `streamed` publishes the new image of every change. `keep` retains and protects the rows.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        keep: bool,
        single_key: bool = False,
        streamed: bool = False,
        indexes: tuple[Index, ...] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        self.table = dynamodb.Table(
            self,
            "Table",
            table_name=name,
            partition_key=dynamodb.Attribute(name="pk", type=S),
            sort_key=None if single_key else dynamodb.Attribute(name="sk", type=S),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            time_to_live_attribute="ttl",
            stream=dynamodb.StreamViewType.NEW_IMAGE if streamed else None,
            deletion_protection=keep,
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if keep else RemovalPolicy.DESTROY,
        )
        for index in indexes:
            self.table.add_global_secondary_index(
                index_name=index.name,
                partition_key=dynamodb.Attribute(name=index.partition[0], type=index.partition[1]),
                sort_key=dynamodb.Attribute(name=index.sort[0], type=index.sort[1]),
                projection_type=dynamodb.ProjectionType.ALL,
            )

    @property
    def name(self) -> str:
        return self.table.table_name

    @property
    def arn(self) -> str:
        return self.table.table_arn

    def index_arn(self, index: str) -> str:
        return f"{self.table.table_arn}/index/{index}"
