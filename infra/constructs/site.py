"""The CDN: page, API and media under one address."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from aws_cdk import Aws, Duration, Fn
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

TOKEN_CHECK = Path(__file__).parents[2] / "edge" / "media-token.js"
SECRET_MARK = "@MEDIA_SECRET@"  # noqa: S105 -- the place in the source where the stack writes the secret
EDGE_HEADER = "x-veza-edge"
VIEWER_HEADERS = ("CloudFront-Viewer-Address", "CloudFront-Viewer-City", "CloudFront-Viewer-Country")
YEAR = Duration.days(365)
PERMISSIONS = ", ".join(
    [f"{feature}=()" for feature in ("camera", "geolocation", "microphone", "payment", "usb")]
    + [f"{feature}=(self)" for feature in ("autoplay", "publickey-credentials-create", "publickey-credentials-get")]
)
"""What the page may ask of a browser (W3C Permissions Policy): to play, and for passkeys."""


class Site(Construct):
    """`/` is the page, `/api/*` and `/.well-known/*` the API, `/media/*` the media bucket behind the token check.

    `firewall` is the ARN of a web ACL. `api_address` and `site_address` are the templates of infra/stages.py; `url` is
    the site's own address.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        page: s3.Bucket,
        media: s3.Bucket,
        media_secret: secretsmanager.Secret,
        edge_secret: secretsmanager.Secret,
        firewall: str | None,
        api_id: str,
        api_address: str,
        site_address: str,
        upload_addresses: Sequence[str],
        socket_addresses: Sequence[str],
    ) -> None:
        super().__init__(scope, construct_id)
        self._viewers = (
            cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS
            if site_address.startswith("https:")
            else cloudfront.ViewerProtocolPolicy.ALLOW_ALL
        )
        api = self._api_behaviour(api_address, api_id, edge_secret)
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment="Veza: page, API and media",
            default_root_object="index.html",
            web_acl_id=firewall,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            price_class=cloudfront.PriceClass.PRICE_CLASS_100,
            default_behavior=self._page_behaviour(page, [*upload_addresses, *socket_addresses]),
            additional_behaviors={
                "/api/*": api,
                "/.well-known/*": api,
                "/media/*": self._media_behaviour(media, media_secret),
            },
        )
        domain = self.distribution.domain_name
        self.url = site_address.format(domain=domain, label=Fn.select(0, Fn.split(".", domain)))

    def _page_behaviour(self, page: s3.Bucket, addresses: Sequence[str]) -> cloudfront.BehaviorOptions:
        headers = cloudfront.ResponseHeadersPolicy(
            self,
            "PageHeaders",
            comment="The page may load from itself, play from memory, send files and open sockets",
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=content_security_policy(addresses), override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.SAME_ORIGIN, override=True
                ),
                strict_transport_security=_https_from_now_on(),
            ),
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(header="Permissions-Policy", value=PERMISSIONS, override=True)
                ]
            ),
        )
        return cloudfront.BehaviorOptions(
            origin=origins.S3BucketOrigin.with_origin_access_control(page),
            viewer_protocol_policy=self._viewers,
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            response_headers_policy=headers,
            compress=True,
        )

    def _api_behaviour(
        self, api_address: str, api_id: str, edge_secret: secretsmanager.Secret
    ) -> cloudfront.BehaviorOptions:
        """Tells the API who the viewer is, and that it is the CDN that says so (functions/api/origin.py)."""
        address = urlsplit(api_address)
        host, _, port = address.netloc.partition(":")
        secure = address.scheme == "https"
        origin = origins.HttpOrigin(
            host.format(api=api_id, region=Aws.REGION),
            origin_path=address.path.format(api=api_id) or None,
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY
            if secure
            else cloudfront.OriginProtocolPolicy.HTTP_ONLY,
            http_port=int(port) if port and not secure else None,
            custom_headers={EDGE_HEADER: edge_secret.secret_value.unsafe_unwrap()},
        )
        return cloudfront.BehaviorOptions(
            origin=origin,
            viewer_protocol_policy=self._viewers,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=self._knowing_the_viewer(),
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        )

    def _knowing_the_viewer(self) -> cloudfront.CachePolicy:
        """Passes on what CloudFront knows of the viewer. An origin request policy can do that together with all of the
        viewer's headers but not without `Host`, which API Gateway needs to be its own; a cache policy can.

        Nothing is cached but what the API itself calls public, and that for a second.
        """
        return cloudfront.CachePolicy(
            self,
            "ViewerHeaders",
            comment="For the API: nothing is kept, and the origin is told who the viewer is",
            min_ttl=Duration.seconds(0),
            default_ttl=Duration.seconds(0),
            max_ttl=Duration.seconds(1),
            header_behavior=cloudfront.CacheHeaderBehavior.allow_list("Authorization", *VIEWER_HEADERS),
            query_string_behavior=cloudfront.CacheQueryStringBehavior.all(),
            cookie_behavior=cloudfront.CacheCookieBehavior.all(),
        )

    def _media_behaviour(self, media: s3.Bucket, secret: secretsmanager.Secret) -> cloudfront.BehaviorOptions:
        """Anyone's player may read media (the token is the permission), so the answers allow every origin."""
        check = cloudfront.Function(
            self,
            "TokenCheck",
            comment="Opens what a media token allows and strips it",
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            code=cloudfront.FunctionCode.from_inline(_token_check(secret)),
        )
        headers = cloudfront.ResponseHeadersPolicy(
            self,
            "MediaHeaders",
            comment="Media may be played from any page",
            cors_behavior=cloudfront.ResponseHeadersCorsBehavior(
                access_control_allow_credentials=False,
                access_control_allow_headers=["*"],
                access_control_allow_methods=["GET", "HEAD", "OPTIONS"],
                access_control_allow_origins=["*"],
                access_control_expose_headers=["Content-Length", "Content-Range"],
                access_control_max_age=Duration.days(1),
                origin_override=True,
            ),
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                strict_transport_security=_https_from_now_on(),
            ),
        )
        return cloudfront.BehaviorOptions(
            origin=origins.S3BucketOrigin.with_origin_access_control(media),
            viewer_protocol_policy=self._viewers,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            response_headers_policy=headers,
            function_associations=[
                cloudfront.FunctionAssociation(function=check, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST)
            ],
        )


def content_security_policy(addresses: Sequence[str]) -> str:
    """What the page may do: everything from itself, hls.js's worker and buffers, and talk to `addresses`: of uploads
    and of sockets."""
    rules = {
        "default-src": "'self'",
        "connect-src": " ".join(["'self'", *addresses]),
        "img-src": "'self' data: blob:",
        "media-src": "'self' blob:",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _https_from_now_on() -> cloudfront.ResponseHeadersStrictTransportSecurity:
    return cloudfront.ResponseHeadersStrictTransportSecurity(
        access_control_max_age=YEAR, include_subdomains=True, override=True
    )


def _token_check(secret: secretsmanager.Secret) -> str:
    """The edge function with the secret as a dynamic reference: it is in no template, CloudFormation fills it in."""
    source = TOKEN_CHECK.read_text(encoding="utf-8")
    return source.replace(f"'{SECRET_MARK}'", f"'{secret.secret_value.unsafe_unwrap()}'")
