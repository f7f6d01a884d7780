"""A secret's ARN as policies need it."""

from aws_cdk import aws_secretsmanager as secretsmanager


def whole_arn(secret: secretsmanager.Secret) -> str:
    """With the six characters that Secrets Manager adds, so that policies can name exactly this one."""
    resource = secret.node.default_child
    assert isinstance(resource, secretsmanager.CfnSecret)
    return resource.attr_id
