"""Creates the tables of core/store/tables.py, for tests that need DynamoDB without a deployed stack."""

from typing import TYPE_CHECKING, Any

from core.store.tables import TABLES, Index, Key, Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def create_tables(client: "DynamoDBClient", prefix: str = "test") -> dict[str, str]:
    """Makes every table as `{prefix}-{area}`; returns the names by area."""
    for table in TABLES:
        client.create_table(**_request(table, f"{prefix}-{table.area}"))
    return {table.area: f"{prefix}-{table.area}" for table in TABLES}


def _request(table: Table, name: str) -> Any:
    keys = [table.hash_key, *([table.range_key] if table.range_key else [])]
    index_keys = [key for index in table.indexes for key in (index.hash_key, index.range_key)]
    request: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _schema(*keys),
        "AttributeDefinitions": [{"AttributeName": k.name, "AttributeType": k.type} for k in {*keys, *index_keys}],
    }
    if table.indexes:
        request["GlobalSecondaryIndexes"] = [_index(index) for index in table.indexes]
    if table.stream:
        request["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": table.stream}
    return request


def _index(index: Index) -> dict[str, Any]:
    return {
        "IndexName": index.name,
        "KeySchema": _schema(index.hash_key, index.range_key),
        "Projection": {"ProjectionType": "ALL"},
    }


def _schema(*keys: Key) -> list[dict[str, str]]:
    return [{"AttributeName": key.name, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)]
