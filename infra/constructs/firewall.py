"""The firewall before the CDN: the second of four levels that hold floods back (docs/security.md)."""

from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

REQUESTS_PER_S = 100
"""By one address, over everything it asks for; a listener's player asks for one segment every few seconds."""
SIGN_IN_REQUESTS_PER_S = 5
"""By one address, to everything below `SIGN_IN`: a tenth of what the gateway lets through of all, so that no single
address takes the sign-in away from everybody."""
SIGN_IN = "/api/v1/auth/"
WINDOW_S = 60


class Firewall(Construct):
    """Refuses an address that asks more often than `REQUESTS_PER_S` over a minute, or than `SIGN_IN_REQUESTS_PER_S` for
    what signs in, for as long as it goes on.

    CloudFront takes web ACLs of us-east-1 alone (scope CLOUDFRONT), so the stack must be deployed there.
    https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str) -> None:
        super().__init__(scope, construct_id)
        acl = wafv2.CfnWebACL(
            self,
            "Acl",
            name=name,
            scope="CLOUDFRONT",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_seen_as(name),
            rules=[
                _limit("floods", name, priority=0, per_s=REQUESTS_PER_S),
                _limit("sign-in-floods", name, priority=1, per_s=SIGN_IN_REQUESTS_PER_S, below=SIGN_IN),
            ],
        )
        self.arn = acl.attr_arn


def _limit(what: str, acl: str, *, priority: int, per_s: int, below: str | None = None) -> wafv2.CfnWebACL.RuleProperty:
    """So many requests a second by one address, over the window, of all or below a path."""
    later = wafv2.CfnWebACL.CustomHTTPHeaderProperty(name="Retry-After", value=str(WINDOW_S))
    return wafv2.CfnWebACL.RuleProperty(
        name=what,
        priority=priority,
        action=wafv2.CfnWebACL.RuleActionProperty(
            block=wafv2.CfnWebACL.BlockActionProperty(
                custom_response=wafv2.CfnWebACL.CustomResponseProperty(
                    response_code=429,
                    response_headers=[later],
                )
            )
        ),
        statement=wafv2.CfnWebACL.StatementProperty(
            rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(
                limit=per_s * WINDOW_S,
                evaluation_window_sec=WINDOW_S,
                aggregate_key_type="IP",
                scope_down_statement=_path_below(below) if below else None,
            )
        ),
        visibility_config=_seen_as(f"{acl}-{what}"),
    )


def _path_below(prefix: str) -> wafv2.CfnWebACL.StatementProperty:
    return wafv2.CfnWebACL.StatementProperty(
        byte_match_statement=wafv2.CfnWebACL.ByteMatchStatementProperty(
            field_to_match=wafv2.CfnWebACL.FieldToMatchProperty(uri_path={}),
            positional_constraint="STARTS_WITH",
            search_string=prefix,
            text_transformations=[wafv2.CfnWebACL.TextTransformationProperty(priority=0, type="NORMALIZE_PATH")],
        )
    )


def _seen_as(metric: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    """Counted, without samples: those hold addresses together with what was asked for."""
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=False
    )
