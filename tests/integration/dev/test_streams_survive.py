"""A function that reads a table's stream reads on after the engine was stopped and started."""

import io
import json
import time
import zipfile
from typing import Any

from dev.endpoint import Endpoint
from dev.engine import Engine
from tests.integration.dev.test_engine import engine

__all__ = ["engine"]

PATIENCE_S = 60
CODE = """

import botocore.session

def handler(event, context):
    s3 = botocore.session.get_session().create_client("s3", region_name="us-east-1")
    for record in event["Records"]:
        s3.put_object(Bucket="seen", Key=record["dynamodb"]["Keys"]["pk"]["S"], Body=b"")
"""


def packed() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("reader.py", CODE)
    return out.getvalue()


def set_up(endpoint: Endpoint) -> None:
    endpoint.aws("s3").create_bucket(Bucket="seen")
    table = endpoint.aws("dynamodb").create_table(
        TableName="rows",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]
    policy = {"Version": "2012-10-17", "Statement": []}
    role = endpoint.aws("iam").create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(policy))["Role"]
    function: Any = endpoint.aws("lambda")
    function.create_function(
        FunctionName="reader",
        Runtime="python3.13",
        Role=role["Arn"],
        Handler="reader.handler",
        Code={"ZipFile": packed()},
    )
    function.create_event_source_mapping(
        FunctionName="reader", EventSourceArn=table["LatestStreamArn"], StartingPosition="TRIM_HORIZON"
    )


def written_and_seen(endpoint: Endpoint, key: str) -> bool:
    endpoint.aws("dynamodb").put_item(TableName="rows", Item={"pk": {"S": key}})
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        listed = endpoint.aws("s3").list_objects_v2(Bucket="seen").get("Contents", [])
        if key in {found["Key"] for found in listed}:
            return True
        time.sleep(0.2)
    return False


def test_a_stream_is_read_on_after_a_restart(engine: Engine) -> None:
    endpoint = Endpoint(engine.endpoint_url)
    set_up(endpoint)
    assert written_and_seen(endpoint, "before")
    engine.stop()
    engine.start()
    assert written_and_seen(endpoint, "after")
