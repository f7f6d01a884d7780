"""What holds state is kept, closed and shaped as the code expects it."""

from typing import Any

import pytest

from core.store.tables import TABLES, Key, Table
from tests.infra.synthesis import Synthesis, text_of

KEPT = "RetainExceptOnCreate"


def properties_of(stage: Synthesis, table: Table) -> dict[str, Any]:
    (found,) = [p for p in stage.properties("AWS::DynamoDB::Table") if p["TableName"] == f"veza-aws-{table.area}"]
    return found


def schema(*keys: Key | None) -> list[dict[str, str]]:
    kinds = zip((key for key in keys if key), ("HASH", "RANGE"), strict=False)
    return [{"AttributeName": key.name, "KeyType": kind} for key, kind in kinds]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.area)
def test_tables_are_those_of_the_store(table: Table, aws: Synthesis) -> None:
    found = properties_of(aws, table)
    keys = [table.hash_key, table.range_key, *(k for i in table.indexes for k in (i.hash_key, i.range_key))]
    assert found["KeySchema"] == schema(table.hash_key, table.range_key)
    assert {(a["AttributeName"], a["AttributeType"]) for a in found["AttributeDefinitions"]} == {
        (key.name, key.type) for key in keys if key
    }
    assert {(i["IndexName"], text_of(i["KeySchema"])) for i in found.get("GlobalSecondaryIndexes", [])} == {
        (index.name, text_of(schema(index.hash_key, index.range_key))) for index in table.indexes
    }
    assert found["TimeToLiveSpecification"] == {"AttributeName": table.ttl, "Enabled": True}
    assert found.get("StreamSpecification", {}).get("StreamViewType") == table.stream


def test_rows_survive_mistakes_on_aws(aws: Synthesis) -> None:
    for resource in aws.of_type("AWS::DynamoDB::Table").values():
        found = resource["Properties"]
        assert found["BillingMode"] == "PAY_PER_REQUEST"
        assert found["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
        assert found["DeletionProtectionEnabled"] is True
        assert resource["DeletionPolicy"] == KEPT


def test_objects_and_secrets_survive_their_stack_on_aws(aws: Synthesis) -> None:
    for resource in aws.of_type("AWS::S3::Bucket").values():
        page = "veza-aws-web" in text_of(resource["Properties"]["BucketName"])
        assert resource["DeletionPolicy"] == ("Delete" if page else KEPT), "the page can be deployed again"
    assert {r["DeletionPolicy"] for r in aws.of_type("AWS::SecretsManager::Secret").values()} == {"Retain"}


def test_nothing_outlives_a_local_stack(local: Synthesis) -> None:
    kinds = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret")
    assert {r["DeletionPolicy"] for kind in kinds for r in local.of_type(kind).values()} == {"Delete"}


def test_no_bucket_is_public(aws: Synthesis, local: Synthesis) -> None:
    for bucket in (*aws.properties("AWS::S3::Bucket"), *local.properties("AWS::S3::Bucket")):
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
        assert bucket["BucketEncryption"]


def test_every_bucket_refuses_plain_http_on_aws(aws: Synthesis) -> None:
    policies = aws.properties("AWS::S3::BucketPolicy")
    assert len(policies) == len(aws.properties("AWS::S3::Bucket")) == 8
    assert all("aws:SecureTransport" in text_of(p) and "s3:TlsVersion" in text_of(p) for p in policies)


def test_uploads_are_versioned_and_cleaned_behind_the_artist(aws: Synthesis) -> None:
    (uploads,) = [b for b in aws.properties("AWS::S3::Bucket") if "veza-aws-uploads" in text_of(b["BucketName"])]
    assert uploads["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = uploads["LifecycleConfiguration"]["Rules"]
    assert any(r.get("AbortIncompleteMultipartUpload") == {"DaysAfterInitiation": 2} for r in rules)
    arrived = next(rule for rule in rules if rule.get("Prefix") == "incoming/")
    assert arrived["ExpirationInDays"] == 14
    assert "NoncurrentVersionExpiration" in arrived
    (cors,) = uploads["CorsConfiguration"]["CorsRules"]
    assert cors["AllowedMethods"] == ["PUT"]
    assert "*" not in cors["AllowedOrigins"]


def test_quarantine_is_read_by_the_investigator_alone(aws: Synthesis) -> None:
    statements = [s for p in aws.properties("AWS::S3::BucketPolicy") for s in p["PolicyDocument"]["Statement"]]
    (closing,) = [s for s in statements if "s3:GetObjectVersion" in s["Action"] and s["Effect"] == "Deny"]
    assert closing["Principal"] == {"AWS": "*"}
    assert "Investigator" in text_of(closing["Condition"]["ArnNotEquals"]["aws:PrincipalArn"])
    assert "Quarantine" in text_of(closing["Resource"])
