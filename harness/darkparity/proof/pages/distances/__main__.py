"""`python -m darkparity.proof.pages.distances [ROOT]`: rewrite the page and draw the plots."""

from __future__ import annotations

import sys
from pathlib import Path

from .measured import PAGE, page
from .plots import draw


def main(root: Path) -> list[str]:
    """Rewrite the page and draw the plots under `root`; return what was written."""
    path = root / PAGE
    path.write_text(page(path.read_text("utf-8")), "utf-8", newline="\n")
    return [PAGE, *draw(root / "docs")]


if __name__ == "__main__":
    print("\n".join(main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))))
