"""A Lambda function of ours, and what the functions of one stack share."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from aws_cdk import Duration, RemovalPolicy, Size
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.packages import code_package, layer_package
from infra.stages import Stage

ARCHITECTURES = {"linux-x86_64": lambda_.Architecture.X86_64, "linux-aarch64": lambda_.Architecture.ARM_64}

STEADY_HEAP = {"MALLOC_MMAP_THRESHOLD_": str(1024 * 1024)}
"""glibc maps blocks from this size on and gives them back when they are freed. Left alone it raises the threshold with
the first large block, and a warm worker's heap grows with every track it has seen (mallopt(3)).
"""


class FunctionPlatform(Construct):
    """What the functions of one stack share: code, layers, architecture, names, log retention.

    A layer is never shared between stacks: a new version would change an export that is in use, which
    CloudFormation refuses.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self.stage_name = stage.name
        self.runtime = stage.runtime
        self.log_retention = stage.log_retention
        self.engine_layers = stage.engine_layers
        self._engines: dict[str, lambda_.LayerVersion] = {}

    @property
    def architecture(self) -> lambda_.Architecture:
        return ARCHITECTURES[self.runtime.platform]

    @cached_property
    def code(self) -> lambda_.Code:
        return lambda_.Code.from_asset(str(code_package(self.runtime)))

    @cached_property
    def python_deps(self) -> lambda_.LayerVersion:
        return self._layer("python-deps")

    def layers(self, engine: str | None) -> list[lambda_.LayerVersion]:
        """python-deps, and the layer of `engine` where engines are shipped."""
        if engine is None or not self.engine_layers:
            return [self.python_deps]
        if engine not in self._engines:
            self._engines[engine] = self._layer(engine)
        return [self.python_deps, self._engines[engine]]

    def _layer(self, name: str) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            name,
            code=lambda_.Code.from_asset(str(layer_package(name, self.runtime))),
            compatible_architectures=[self.architecture],
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            removal_policy=RemovalPolicy.DESTROY,
        )


class PythonFunction(Construct):
    """The function `veza-{stage}-{name}`, with a role of its own that may write its own log, and what `allow` adds.

    `settings` are the fields of its class in functions/core/settings.py but for `stage`; a field's variable is `VEZA_`
    + its name in capitals. `handler` is module and function below functions/.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        handler: str,
        platform: FunctionPlatform,
        settings: Mapping[str, str],
        timeout: Duration,
        memory_mb: int,
        tmp_mb: int = 512,
        engine: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.name = f"veza-{platform.stage_name}-{name}"
        log = logs.LogGroup(
            self,
            "Log",
            log_group_name=f"/aws/lambda/{self.name}",
            retention=platform.log_retention,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=self.name,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=platform.architecture,
            code=platform.code,
            layers=list(platform.layers(engine)),
            handler=handler,
            role=self.role,
            environment={
                **STEADY_HEAP,
                **{
                    f"VEZA_{field.upper()}": value
                    for field, value in {"stage": platform.stage_name, **settings}.items()
                },
            },
            timeout=timeout,
            memory_size=memory_mb,
            ephemeral_storage_size=Size.mebibytes(tmp_mb),
            log_group=log,
            tracing=lambda_.Tracing.ACTIVE,
        )
        self.allow("logs:CreateLogStream", "logs:PutLogEvents", on=[log.log_group_arn])

    def allow(self, *actions: str, on: Sequence[str], when: Mapping[str, object] | None = None) -> None:
        """Grants exactly these actions on these ARNs."""
        self.role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=list(on), conditions=when))
