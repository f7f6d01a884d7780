"""The keys that sign access tokens."""

from aws_cdk import CustomResource, Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.constructs.python_function import FunctionPlatform, PythonFunction


class SigningKeys(Construct):
    """The function `keys`: the deployment has it write the first ones if the secret holds none, and every month it
    rotates them. Never twice at a time: it reads and writes one secret."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        platform: FunctionPlatform,
        secret: secretsmanager.CfnSecret,
        algorithm: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "Keys",
            platform=platform,
            name="keys",
            handler="schedules.keys.handler.handler",
            settings={"jwt_secret": secret.attr_id, "token_algorithm": algorithm},
            timeout=Duration.minutes(1),
            memory_mb=1024,
        )
        self.function.allow("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", on=[secret.attr_id])
        first_pair = CustomResource(
            self,
            "FirstPair",
            resource_type="Custom::SigningKeys",
            service_token=self.function.function.function_arn,
            service_timeout=Duration.minutes(2),
            properties={"Algorithm": algorithm},  # another one takes other keys, before anything asks for them
        )
        first_pair.node.add_dependency(self.function)
        resource = self.function.function.node.default_child
        assert isinstance(resource, lambda_.CfnFunction)
        resource.reserved_concurrent_executions = 1
        events.Rule(
            self,
            "EveryMonth",
            schedule=events.Schedule.rate(Duration.days(30)),
            targets=[targets.LambdaFunction(self.function.function)],
        )
