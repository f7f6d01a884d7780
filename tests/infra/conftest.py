"""The stacks of the two stages that differ most."""

import pytest

from tests.infra.synthesis import Synthesis, app_of, clean_environment


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    with pytest.MonkeyPatch.context() as patch:
        clean_environment(patch)
        return Synthesis(app_of("aws", tmp_path_factory.mktemp("aws")).synth())


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    with pytest.MonkeyPatch.context() as patch:
        clean_environment(patch)
        return Synthesis(app_of("local", tmp_path_factory.mktemp("local")).synth())
