"""The oldest version of every dependency that a pyproject.toml allows, as requirements: `oldest.py pyproject.toml`."""

import sys
import tomllib
from pathlib import Path

project = tomllib.loads(Path(sys.argv[1]).read_text("utf-8"))["project"]
print("\n".join(requirement.replace(">=", "==") for requirement in project["dependencies"]))
