"""What cdk-nag's AwsSolutions pack says of us and we accept, each with its reason.

tests/infra/test_nag.py compares both ways: a finding that is not here fails, and so does an entry nothing needs.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """`finding` and `where` are regular expressions for the whole rule id and the whole construct path."""

    finding: str
    where: str
    reason: str


ACCEPTED = (
    Accepted(
        finding="AwsSolutions-S1",
        where=r".*/(Media|Page|Uploads|Originals|Attachments|Quarantine|Definitions|Exports)/Bucket/Resource",
        reason="Server access logs come late and incomplete; who needs them turns on CloudTrail data events.",
    ),
    Accepted(
        finding="AwsSolutions-SMG4",
        where=r"VezaData-\w+/JwtSecret",
        reason="The keys function rotates it, keeping the previous key; Secrets Manager's four-step rotation can't.",
    ),
    Accepted(
        finding="AwsSolutions-SMG4",
        where=r"VezaData-\w+/OAuthSecret",
        reason="Identity providers give these credentials out by hand.",
    ),
    Accepted(
        finding="AwsSolutions-SMG4",
        where=r"VezaMedia-\w+/(Media|Edge)Secret/Resource",
        reason="The CDN holds a copy, so a new value has to come with a deployment.",
    ),
    Accepted(
        finding="AwsSolutions-CFR1",
        where=r".*/Site/Distribution/Resource",
        reason="Music is for everybody: no country is shut out.",
    ),
    Accepted(
        finding="AwsSolutions-CFR3",
        where=r".*/Site/Distribution/Resource",
        reason="A listener's address together with what they hear is a profile we do not want to keep.",
    ),
    Accepted(
        finding="AwsSolutions-CFR4",
        where=r".*/Site/Distribution/Resource",
        reason="The default certificate fixes the policy; with a domain of one's own it is TLS 1.2.",
    ),
    Accepted(
        finding="AwsSolutions-L1",
        where=r".*/Function/Resource",
        reason="The runtime is the one the locked packages and their bytecode are built for; it moves with the lock.",
    ),
    Accepted(
        finding="AwsSolutions-SQS3",
        where=r".*/Outbox/DeadLetters/Resource",
        reason="It is a dead-letter queue itself, of a stream; CDK does not show that to the rule.",
    ),
    Accepted(
        finding="AwsSolutions-APIG4",
        where=r"VezaApi-\w+/(accounts|catalogue|platform|chat)-routes/.*",
        reason="The functions check our own RS256 tokens route by route; the OpenAPI document says which are open.",
    ),
    Accepted(
        finding="AwsSolutions-SMG4",
        where=r"VezaData-\w+/TurnSecret/Resource",
        reason="TURN servers hold a copy, and are told a new value by whoever runs them.",
    ),
    Accepted(
        finding="AwsSolutions-APIG4",
        where=r"VezaRealtime-\w+/\w+Routes/(connect|disconnect|default)/Resource",
        reason="A ticket of a minute opens a socket, checked at $connect; frames are heard on open sockets alone.",
    ),
    Accepted(
        finding="AwsSolutions-APIG1",
        where=r"VezaRealtime-\w+/\w+Routes/Live/Resource",
        reason="A socket's access log takes a role in the whole account's settings of API Gateway, which are not ours.",
    ),
    Accepted(
        finding=r"AwsSolutions-IAM5\[Resource::\*\]",
        where=r".*/Role/DefaultPolicy/Resource",
        reason="X-Ray's PutTraceSegments and DynamoDB's ListStreams know no resource.",
    ),
    Accepted(
        finding=r"AwsSolutions-IAM5\[Resource::.+/\*\]",
        where=r".*/(Role|Investigator)/DefaultPolicy/Resource",
        reason="Keys of objects are made at run time; the bucket, and where there is one the prefix, are named.",
    ),
)
