from tests.contract.identity import SecretsContract
from tests.contract.on_aws import OnSecretsManager


class TestSecretsManager(OnSecretsManager, SecretsContract):
    pass
