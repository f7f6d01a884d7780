"""The CDN: one address for page, API and media, and the check that opens the media."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from api import origin as origin_of_requests
from core.domain.ids import EpochSeconds, TrackId, new_id
from core.domain.playback import TokenKind, media_path
from infra.constructs.site import EDGE_HEADER, SECRET_MARK, TOKEN_CHECK, content_security_policy
from infra.stacks.api import SIGN_IN_REQUESTS_PER_S
from tests.infra.synthesis import Synthesis, text_of

FAR_FUTURE = EpochSeconds(4_000_000_000)
KEY = "kR7" * 20
ASK = """
const source = require('fs').readFileSync(process.argv[1], 'utf8').replace(process.argv[2], process.argv[3]);
const handler = new Function('require', `${source}; return handler;`)(require);
const answer = handler({ request: { method: 'GET', uri: process.argv[4], querystring: {}, headers: {} } });
console.log(answer.uri || JSON.parse(answer.body).code);
"""


def distribution(stage: Synthesis) -> dict[str, Any]:
    (found,) = stage.properties("AWS::CloudFront::Distribution")
    return dict(found["DistributionConfig"])


def node() -> str:
    program = shutil.which("node")
    assert program, "node runs the edge function's tests"
    return program


def edge(uri: str) -> str:
    """The key that the edge function opens, or the code of its refusal."""
    arguments = [node(), "-e", ASK, str(TOKEN_CHECK), SECRET_MARK, KEY, uri]
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        (TokenKind.HLS, "master.m3u8"),
        (TokenKind.HLS, "aac-320/00001.m4s"),
        (TokenKind.HLS, "flac/init.mp4"),
        (TokenKind.HLS, "event.m3u8"),
        (TokenKind.HLS, "aac-64/event.m3u8"),
        (TokenKind.DOWNLOAD, "download.mp3"),
        (TokenKind.ASSET, "waveform-overview.json"),
        (TokenKind.ASSET, "cover-300.jpg"),
    ],
)
def test_edge_opens_what_the_api_signs(kind: TokenKind, file: str) -> None:
    track, content = TrackId(new_id()), "0123456789abcdef"
    path = media_path(KEY.encode(), kind=kind, track_id=track, content_id=content, file=file, expires_at=FAR_FUTURE)
    assert edge(path) == f"{track}/{content}/{file}".join(("/", ""))


def test_edge_refuses_another_key() -> None:
    path = media_path(
        b"another",
        kind=TokenKind.HLS,
        track_id=TrackId(new_id()),
        content_id="0" * 16,
        file="master.m3u8",
        expires_at=FAR_FUTURE,
    )
    assert edge(path) == "media_token_invalid"


def test_edge_function_passes_its_own_tests() -> None:
    finished = subprocess.run([node(), "--test", str(TOKEN_CHECK.parent)], check=False, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout


def test_api_is_told_who_the_viewer_is_and_that_the_cdn_says_so(aws: Synthesis) -> None:
    (origin,) = [o for o in distribution(aws)["Origins"] if "CustomOriginConfig" in o]
    (header,) = origin["OriginCustomHeaders"]
    assert header["HeaderName"] == EDGE_HEADER == origin_of_requests.EDGE_HEADER
    assert "{{resolve:secretsmanager:" in text_of(header["HeaderValue"])
    (policy,) = aws.properties("AWS::CloudFront::CachePolicy")
    rules = policy["CachePolicyConfig"]
    told = rules["ParametersInCacheKeyAndForwardedToOrigin"]["HeadersConfig"]["Headers"]
    assert {f"cloudfront-viewer-{part}" for part in ("address", "city", "country")} <= {h.lower() for h in told}
    assert "Authorization" in told, "else an answer for one caller could be another's"
    assert (rules["MinTTL"], rules["DefaultTTL"], rules["MaxTTL"]) == (0, 0, 1)


def test_floods_are_refused_by_address_before_they_reach_anything(aws: Synthesis) -> None:
    (acl,) = aws.properties("AWS::WAFv2::WebACL")
    everything, sign_in = (rule["Statement"]["RateBasedStatement"] for rule in acl["Rules"])
    assert everything["Limit"] == 100 * 60
    assert "ScopeDownStatement" not in everything
    assert sign_in["ScopeDownStatement"]["ByteMatchStatement"]["SearchString"] == "/api/v1/auth/"
    assert sign_in["Limit"] < SIGN_IN_REQUESTS_PER_S * 60 / 2, "one address must not take the sign-in from everybody"
    for rule in acl["Rules"]:
        answer = rule["Action"]["Block"]["CustomResponse"]
        assert (answer["ResponseCode"], answer["ResponseHeaders"][0]["Name"]) == (429, "Retry-After")
    assert not acl["VisibilityConfig"]["SampledRequestsEnabled"], "samples hold addresses"
    assert "Firewall" in text_of(distribution(aws)["WebACLId"])


def test_every_answer_of_the_cdn_carries_safe_headers(aws: Synthesis) -> None:
    policies = {
        policy["ResponseHeadersPolicyConfig"]["Comment"][:5]: policy["ResponseHeadersPolicyConfig"]
        for policy in aws.properties("AWS::CloudFront::ResponseHeadersPolicy")
    }
    page, media = policies["The p"], policies["Media"]
    for each in (page, media):
        safe = each["SecurityHeadersConfig"]
        assert safe["ContentTypeOptions"] == {"Override": True}
        assert safe["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 365 * 24 * 3600
    safe = page["SecurityHeadersConfig"]
    assert safe["FrameOptions"]["FrameOption"] == "DENY"
    assert safe["ReferrerPolicy"]["ReferrerPolicy"] == "same-origin"
    assert "frame-ancestors 'none'" in text_of(safe["ContentSecurityPolicy"]["ContentSecurityPolicy"])
    (permissions,) = page["CustomHeadersConfig"]["Items"]
    assert permissions["Header"] == "Permissions-Policy"
    assert {"camera=()", "microphone=()", "publickey-credentials-get=(self)"} <= set(permissions["Value"].split(", "))


def test_no_template_holds_the_media_secret(aws: Synthesis) -> None:
    (function,) = aws.properties("AWS::CloudFront::Function")
    code = text_of(function["FunctionCode"])
    assert "{{resolve:secretsmanager:" in code
    assert SECRET_MARK not in code
    shared = ("veza-aws-media", "veza-aws-edge")
    made = [s for s in aws.properties("AWS::SecretsManager::Secret") if s["Name"] in shared]
    assert len(made) == len(shared)
    for secret in made:
        excluded = set(secret["GenerateSecretString"]["ExcludeCharacters"])
        assert {*"'\\`${"} <= excluded, "it lies in a JavaScript literal, or in a header"


def test_media_is_behind_the_check_and_nothing_else_is(aws: Synthesis) -> None:
    config = distribution(aws)
    checked = {b["PathPattern"] for b in config["CacheBehaviors"] if b.get("FunctionAssociations")}
    assert checked == {"/media/*"}
    assert {b["PathPattern"] for b in config["CacheBehaviors"]} == {"/media/*", "/api/*", "/.well-known/*"}


def test_buckets_are_read_by_this_distribution_alone(aws: Synthesis) -> None:
    of_s3 = [origin for origin in distribution(aws)["Origins"] if "S3OriginConfig" in origin]
    assert len(of_s3) == 2
    assert all(origin["OriginAccessControlId"] for origin in of_s3)
    allowed = [
        s
        for p in aws.properties("AWS::S3::BucketPolicy")
        for s in p["PolicyDocument"]["Statement"]
        if s["Effect"] == "Allow"
    ]
    assert len(allowed) == 2
    assert all("distribution/" in text_of(s["Condition"]) and s["Action"] == "s3:GetObject" for s in allowed)


def test_viewers_are_sent_to_https_where_there_is_https(aws: Synthesis, local: Synthesis) -> None:
    for stage, expected in ((aws, "redirect-to-https"), (local, "allow-all")):
        config = distribution(stage)
        behaviours = [config["DefaultCacheBehavior"], *config["CacheBehaviors"]]
        assert {b["ViewerProtocolPolicy"] for b in behaviours} == {expected}


def test_api_is_reached_on_the_emulator_by_path(local: Synthesis) -> None:
    (origin,) = [o for o in distribution(local)["Origins"] if "CustomOriginConfig" in o]
    assert origin["DomainName"] == "localhost"
    assert origin["CustomOriginConfig"]["HTTPPort"] == 4510
    assert "/_aws/execute-api/" in text_of(origin["OriginPath"])


def test_page_may_send_files_to_the_uploads_bucket_and_nowhere_else() -> None:
    policy = content_security_policy(["https://uploads.example"])
    assert "connect-src 'self' https://uploads.example;" in policy
    assert "unsafe" not in policy
    assert Path(TOKEN_CHECK).name == "media-token.js"
