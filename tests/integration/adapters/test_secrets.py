from tests.contract.identity import SealerContract, SecretsContract
from tests.contract.on_aws import OnKms, OnSecretsManager


class TestSecretsManager(OnSecretsManager, SecretsContract):
    pass


class TestKms(OnKms, SealerContract):
    pass
