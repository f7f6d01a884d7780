"""A stack's answers to who deployed it."""

from collections.abc import Mapping

from aws_cdk import CfnOutput
from constructs import Construct


class Outputs(Construct):
    """Stack outputs under exactly these names; `make up` reads them."""

    def __init__(self, scope: Construct, construct_id: str, *, values: Mapping[str, str]) -> None:
        super().__init__(scope, construct_id)
        for name, value in values.items():
            CfnOutput(self, name, value=value).override_logical_id(name)
