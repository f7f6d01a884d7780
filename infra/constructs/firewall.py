"""The firewall before the CDN: the second of four levels that hold floods back (docs/security.md)."""

from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

REQUESTS_PER_S = 100
"""By one address, over everything it asks for; a listener's player asks for one segment every few seconds."""
WINDOW_S = 60


class Firewall(Construct):
    """Refuses an address that asks more often than `REQUESTS_PER_S` over a minute, for as long as it goes on.

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
                wafv2.CfnWebACL.RuleProperty(
                    name="floods",
                    priority=0,
                    action=wafv2.CfnWebACL.RuleActionProperty(
                        block=wafv2.CfnWebACL.BlockActionProperty(
                            custom_response=wafv2.CfnWebACL.CustomResponseProperty(response_code=429)
                        )
                    ),
                    statement=wafv2.CfnWebACL.StatementProperty(
                        rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(
                            limit=REQUESTS_PER_S * WINDOW_S,
                            evaluation_window_sec=WINDOW_S,
                            aggregate_key_type="IP",
                        )
                    ),
                    visibility_config=_seen_as(f"{name}-floods"),
                )
            ],
        )
        self.arn = acl.attr_arn


def _seen_as(metric: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    """Counted, without samples: those hold addresses together with what was asked for."""
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=False
    )
