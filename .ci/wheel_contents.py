"""What a published wheel holds: `wheel_contents.py WHEEL`. Exits 1 and says what is wrong."""

import sys
import zipfile
from pathlib import Path

#: Of this machine (linked to Debian's library), or of use in a checkout only.
UNWANTED = (
    "darkparity/darknet_peer", "darkparity/proof/pages/", "darkparity/robustness/",
    "darkparity/proof/diagnosis_trial.py", "darkparity/proof/identified/", "darkparity/proof/ports.py",
    "tests/", "docs/",
)  # fmt: skip
NEEDED = (
    "darkparity/_core.", "darkparity/py.typed", "darkparity/golden/MANIFEST.json", "darkparity/golden/schema.json",
    "darkparity/starters/c/port.c", "darkparity/cases/data/photo.npy", "darkparity/proof/selftest/__init__.py",
)  # fmt: skip
#: 2.7 MB with the fixtures; twice that means that something came along.
BYTES = 5_000_000

wheel = Path(sys.argv[1])
with zipfile.ZipFile(wheel) as archive:
    names = archive.namelist()
problems = [f"holds {name}" for name in names if name.startswith(UNWANTED) or "__pycache__" in name]
problems += [f"lacks {start}" for start in NEEDED if not any(name.startswith(start) for name in names)]
if wheel.stat().st_size > BYTES:
    problems.append(f"has {wheel.stat().st_size} bytes, more than {BYTES}")
if problems:
    sys.exit(f"{wheel.name}: " + "; ".join(problems))
print(f"{wheel.name}: {len(names)} files, {wheel.stat().st_size} bytes")
