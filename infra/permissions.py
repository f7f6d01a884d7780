"""Named sets of exact actions, so that a grant reads as what it is for. No set holds a wildcard."""

READ_ROWS = ("dynamodb:GetItem", "dynamodb:Query")
FIND_ROWS = ("dynamodb:Query",)
"""On an index."""
CHANGE_ROWS = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:ConditionCheckItem")
READ_MANY_ROWS = (*READ_ROWS, "dynamodb:BatchGetItem")
KEEP_ROWS = (*CHANGE_ROWS, "dynamodb:DeleteItem")
"""Of a table whose rows come and go."""
CLAIM_ROWS = ("dynamodb:PutItem", "dynamodb:UpdateItem")
COUNT = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
WRITE_AUDIT = ("dynamodb:PutItem",)
"""Whose condition lets nothing be overwritten; no role may update or delete."""
WRITE_OUTBOX = ("dynamodb:PutItem",)

READ_OBJECTS = ("s3:GetObject", "s3:GetObjectVersion")
WRITE_OBJECTS = ("s3:PutObject", "s3:AbortMultipartUpload")
DELETE_OBJECTS = ("s3:DeleteObject", "s3:DeleteObjectVersion")
LIST_OBJECTS = ("s3:ListBucket",)
"""On a bucket; without it S3 answers 403, not 404, for what does not exist."""
