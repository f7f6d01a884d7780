"""What every test may use. Engines and clouds start only when a test asks for them."""

import pytest
from hypothesis import settings

pytest_plugins = ["tests.cloud", "tests.people", "tests.repositories"]

# A property is true or not; the machine's load says nothing about it.
settings.register_profile("veza", deadline=None)
settings.register_profile("deep", deadline=None, print_blob=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--deep", action="store_true", help="all faults there is time for, not just a fixed few")
    parser.addoption("--enforce-roles", action="store_true", help="functions may do what their roles allow, no more")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("deep" if config.getoption("--deep") else "veza")
