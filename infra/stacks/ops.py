"""What wakes somebody up, and what they look at then."""

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra.stacks.api import ApiStack
from infra.stacks.pipeline import PipelineStack
from infra.stages import Stage


class OpsStack(Stack):
    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, pipeline: PipelineStack, api: ApiStack
    ) -> None:
        super().__init__(scope, construct_id, env=stage.environment)
        CfnOutput(self, "X", value="x")
