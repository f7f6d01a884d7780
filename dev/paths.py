"""Where things lie in a checkout. Everything made by `make` is below .veza/, .venv/ and node_modules/."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".veza"
OUTPUTS = HOME / "outputs.json"
"""What the rest of the world needs to know about the running stack: addresses, the demo account, stack outputs."""
ENGINE_HOME = HOME / "engine"
"""State, log and pid of the MiniStack of `make up`."""
CLOUD_PYTHON = HOME / "cloud" / "bin" / "python"
"""MiniStack's own environment: it pins another botocore than ours. Functions run in this Python."""
CDK = ROOT / "node_modules" / ".bin" / "cdk"
EVENTS = ROOT / "events" / "inbound"
