"""The stages. A stage is arguments and nothing else: no stack or construct knows which one it serves."""

import hashlib
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from aws_cdk import Aws, Duration, Environment
from aws_cdk.aws_logs import RetentionDays

from infra.packages import Runtime

LAMBDA_PYTHON = "3.13"
DEFAULT_ENDPOINT = "http://localhost:4566"
DEFAULT_REGION = "us-east-1"
EMULATED_ACCOUNT = "000000000000"
ARGUMENTS = ("mail_from", "alarm_email", "definitions_mirror", "firewall", "audit_days", "token_algorithm", "ice_urls")
"""What `cdk -c NAME=VALUE` may say of a stage."""
TOKEN_ALGORITHMS = ("RS256", "HS256")
"""The first one is every stage's, unless it says otherwise."""
FIREWALL_REGION = "us-east-1"
"""CloudFront takes web ACLs from there alone."""


class StageArgumentMissing(Exception):
    """Something this stage needs was not given; the message says what and how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    name: str
    account: str | None
    """None leaves account and region to whoever deploys: the templates are the same everywhere."""
    region: str | None
    runtime: Runtime
    """The platform the packages are built for."""
    api_address: str
    """Where the HTTP API answers; `{api}` is its id, `{region}` the region."""
    socket_address: str
    """Where a WebSocket API answers; `{stage}` is the name of its stage."""
    route_responses: bool
    """Say that a socket's frames are answered. MiniStack does not know how to be told, and always does."""
    site_address: str
    """Where the CDN answers; `{domain}` is the distribution's domain, `{label}` the part before the first dot."""
    upload_addresses: tuple[str, ...]
    """What presigned URLs start with, for the page's content security policy; `{bucket}` is the uploads bucket."""
    api_id: str | None
    """Pins the HTTP API's id where the emulator lets us choose, so that addresses survive a fresh start."""
    ffmpeg: str
    clamd: str
    freshclam: str
    clamscan: str
    engine_layers: bool
    """Ship ffmpeg and clamd as layers, under /opt."""
    tls_only: bool
    """Refuse plain HTTP; an emulated cloud speaks nothing else."""
    keep_data: bool
    """Retain and protect whatever holds state."""
    visibility_factor: int
    """A queue hides a message for this many times its consumer's time-out; AWS asks for six."""
    retry_after_s: int | None
    """Hides messages for this long instead, so that a test sees retries at once."""
    scan_concurrency: int
    transcode_concurrency: int
    definitions_max_age_h: int
    definitions_mirror: str
    """Where the scheduled refresh gets definitions from: `none`, `official`, or URLs (docs/runbooks/definitions.md)."""
    firewall: str
    """`own` makes one (in us-east-1 alone), `none` goes without; or the ARN of one to use."""
    audit_days: int
    """How long the audit is kept."""
    token_algorithm: str
    """What signs access tokens: RS256, or HS256 for who wants no public keys (docs/decisions/0025)."""
    ice_urls: str
    """STUN and TURN servers of calls, with blanks between, or `none`."""
    limit_factor: int
    """Multiplies every rate limit: 1 where people are, more where one address runs all the tests."""
    log_retention: RetentionDays
    mail_from: str
    """Sender of our mail; on AWS an address of a domain that is set up in SES."""
    alarm_email: str | None

    @property
    def environment(self) -> Environment:
        return Environment(account=self.account, region=self.region)

    def bucket_name(self, noun: str) -> str:
        """Bucket names are the whole world's, so they carry the account."""
        return f"veza-{self.name}-{noun}-{self.account or Aws.ACCOUNT_ID}"

    def visibility(self, timeout: Duration) -> Duration:
        """How long a queue hides a message whose consumer has that time-out."""
        if self.retry_after_s is not None:
            return Duration.seconds(self.retry_after_s)
        return Duration.seconds(timeout.to_seconds() * self.visibility_factor)


def stage_named(name: str, *, environ: Mapping[str, str], context: Mapping[str, str]) -> Stage:
    """The stage `local`, `localstack` or `aws`, from the environment and the CDK context.

    StageArgumentMissing if the stage needs what is not given or there is no such stage.
    """
    stages = {"local": _local, "localstack": _localstack, "aws": _aws}
    if name not in stages:
        raise StageArgumentMissing(f"there is no stage {name!r}; choose one of {', '.join(stages)}")
    return stages[name](environ, context)


def _local(environ: Mapping[str, str], context: Mapping[str, str]) -> Stage:
    """MiniStack: functions run in its own Python on this machine, with this machine's ffmpeg and clamd."""
    retry_after = environ.get("VEZA_RETRY_AFTER_S")
    port = _port(environ)
    return Stage(
        name="local",
        account=EMULATED_ACCOUNT,
        region=DEFAULT_REGION,
        runtime=Runtime(platform=_host_platform(), python=f"{sys.version_info.major}.{sys.version_info.minor}"),
        api_address=f"http://localhost:{port}/_aws/execute-api/{{api}}/$default",
        socket_address=f"ws://localhost:{port}/_aws/execute-api/{{api}}/{{stage}}",
        route_responses=False,
        site_address=f"http://{{label}}.cloudfront.localhost:{port}",
        upload_addresses=(f"http://localhost:{port}", f"http://127.0.0.1:{port}"),
        api_id=hashlib.sha256(b"veza-local").hexdigest()[:8],
        ffmpeg=_program("VEZA_FFMPEG", environ),
        clamd=_program("VEZA_CLAMD", environ),
        freshclam="freshclam",
        clamscan="clamscan",
        engine_layers=False,
        tls_only=False,
        keep_data=False,
        visibility_factor=1,
        retry_after_s=int(retry_after) if retry_after else None,
        scan_concurrency=2,
        transcode_concurrency=2,
        # The built-in definitions never change: a laptop that sleeps for a week must not make them stale.
        definitions_max_age_h=24 * 365,
        definitions_mirror=context.get("definitions_mirror", "none"),
        firewall="none",
        audit_days=90,
        token_algorithm=_token_algorithm(context),
        ice_urls=context.get("ice_urls", "none"),
        limit_factor=1000,
        log_retention=RetentionDays.ONE_WEEK,
        mail_from=context["mail_from"],
        alarm_email=None,
    )


def _localstack(environ: Mapping[str, str], context: Mapping[str, str]) -> Stage:
    """LocalStack: functions run in containers of the host's architecture, with the engines as layers."""
    port = _port(environ)
    return Stage(
        name="localstack",
        account=EMULATED_ACCOUNT,
        region=DEFAULT_REGION,
        runtime=Runtime(platform=_host_platform(), python=LAMBDA_PYTHON),
        api_address=f"http://{{api}}.execute-api.localhost.localstack.cloud:{port}",
        socket_address=f"ws://{{api}}.execute-api.localhost.localstack.cloud:{port}/{{stage}}",
        route_responses=True,
        site_address=f"http://{{domain}}:{port}",
        upload_addresses=(f"http://{{bucket}}.s3.localhost.localstack.cloud:{port}", f"http://localhost:{port}"),
        api_id=None,
        ffmpeg="/opt/bin/ffmpeg",
        clamd="/opt/bin/clamd",
        freshclam="/opt/bin/freshclam",
        clamscan="/opt/bin/clamscan",
        engine_layers=True,
        tls_only=False,
        keep_data=False,
        visibility_factor=1,
        retry_after_s=None,
        scan_concurrency=2,
        transcode_concurrency=2,
        definitions_max_age_h=24 * 365,
        definitions_mirror=context.get("definitions_mirror", "none"),
        firewall="none",
        audit_days=90,
        token_algorithm=_token_algorithm(context),
        ice_urls=context.get("ice_urls", "none"),
        limit_factor=1000,
        log_retention=RetentionDays.ONE_WEEK,
        mail_from=context["mail_from"],
        alarm_email=None,
    )


def _aws(environ: Mapping[str, str], context: Mapping[str, str]) -> Stage:
    return Stage(
        name="aws",
        account=environ.get("CDK_DEFAULT_ACCOUNT"),
        region=environ.get("CDK_DEFAULT_REGION"),
        runtime=Runtime(platform="linux-aarch64", python=LAMBDA_PYTHON),
        api_address="https://{api}.execute-api.{region}.amazonaws.com",
        socket_address="wss://{api}.execute-api.{region}.amazonaws.com/{stage}",
        route_responses=True,
        site_address="https://{domain}",
        upload_addresses=("https://{bucket}.s3.{region}.amazonaws.com", "https://{bucket}.s3.amazonaws.com"),
        api_id=None,
        ffmpeg="/opt/bin/ffmpeg",
        clamd="/opt/bin/clamd",
        freshclam="/opt/bin/freshclam",
        clamscan="/opt/bin/clamscan",
        engine_layers=True,
        tls_only=True,
        keep_data=True,
        visibility_factor=6,
        retry_after_s=None,
        scan_concurrency=20,
        transcode_concurrency=50,
        definitions_max_age_h=48,
        definitions_mirror=context.get("definitions_mirror", "official"),
        firewall=_firewall(environ, context),
        audit_days=_audit_days(context),
        token_algorithm=_token_algorithm(context),
        ice_urls=context.get("ice_urls", "none"),
        limit_factor=1,
        log_retention=RetentionDays.THREE_MONTHS,
        mail_from=context["mail_from"],
        alarm_email=context.get("alarm_email"),
    )


def _audit_days(context: Mapping[str, str]) -> int:
    days = context.get("audit_days", "90")
    if not (days.isdecimal() and int(days) > 0):
        raise StageArgumentMissing(f"audit_days is {days!r}, not a number of days: -c audit_days=365")
    return int(days)


def _token_algorithm(context: Mapping[str, str]) -> str:
    chosen = context.get("token_algorithm", TOKEN_ALGORITHMS[0])
    if chosen not in TOKEN_ALGORITHMS:
        raise StageArgumentMissing(f"token_algorithm is {chosen!r}, not one of {', '.join(TOKEN_ALGORITHMS)}")
    return chosen


def _firewall(environ: Mapping[str, str], context: Mapping[str, str]) -> str:
    """Chosen with `-c firewall=…`."""
    chosen, region = context.get("firewall", "own"), environ.get("CDK_DEFAULT_REGION")
    if chosen == "own" and region not in {None, FIREWALL_REGION}:
        raise StageArgumentMissing(
            f"the CDN's firewall can only be made in {FIREWALL_REGION}, not in {region}: deploy there, or say "
            "-c firewall=none, or -c firewall=ARN of one that is there"
        )
    return chosen


def _program(variable: str, environ: Mapping[str, str]) -> str:
    path = environ.get(variable, "")
    if not path.startswith("/"):
        raise StageArgumentMissing(f"set {variable} to the absolute path of the installed program (`make up` does)")
    return path


def _port(environ: Mapping[str, str]) -> int:
    """Port of the emulated cloud as seen from this machine."""
    return urlsplit(environ.get("AWS_ENDPOINT_URL", DEFAULT_ENDPOINT)).port or 80


def _host_platform() -> str:
    machine = platform.machine()
    return f"linux-{'aarch64' if machine == 'arm64' else machine}"
