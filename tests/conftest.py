"""What every test may use. Engines and clouds start only when a test asks for them."""

pytest_plugins = ["tests.cloud"]
