"""What every test may use. Engines and clouds start only when a test asks for them."""

from hypothesis import settings

pytest_plugins = ["tests.cloud", "tests.people", "tests.repositories"]

settings.register_profile("veza", deadline=None)  # a property is true or not; the machine's load says nothing about it
settings.load_profile("veza")
