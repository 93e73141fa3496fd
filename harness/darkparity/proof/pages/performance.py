"""Tables of docs/performance.md from reports of `darkparity bench --save`.

    python -m darkparity.proof.pages.performance docs/performance.md REPORT.json...

replaces what stands between the page's two markers.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from darkparity.formats.markdown import table

FAST = "cpp-fused"
OTHERS = {"torch-native": "x torch", "cpp": "x `cpp`", "darknet": "x DarkNet"}
BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"
Timing = Mapping[str, Any]


def tables(reports: Sequence[Mapping[str, Any]]) -> str:
    """One table per number of threads."""
    first = reports[0]
    versions = ", ".join(f"{name} {version}" for name, version in first["versions"].items())
    parts = [f"{first['cpu']}; {versions}."]
    for threads in sorted({r["threads"] for r in reports}):
        titles = ("", "", "ms", *OTHERS.values(), "GB/s", "% floor", "ns per element")
        parts.append(f"{threads} thread{'s' * (threads > 1)}:")
        asked = ((r, mode) for r in reports if r["threads"] == threads for mode in r["plan"]["modes"])
        parts.append(table(titles, (row for report, mode in asked for row in _rows(report, mode))).rstrip("\n"))
    return "\n\n".join(parts)


def _rows(report: Mapping[str, Any], mode: str) -> Iterator[Sequence[str]]:
    timings = {(t["implementation"], tuple(t["shape"])): t
               for t in report["timings"] if t["mode"] == mode and t["seconds"]}  # fmt: skip
    ratios: dict[str, list[float]] = {name: [] for name in OTHERS}
    for (name, shape), t in timings.items():
        if name != FAST:
            continue
        for other in OTHERS:
            if (other, shape) in timings:
                ratios[other].append(_ratio(report, t, timings[other, shape]))
        seconds = t["seconds"]["median"]
        cells = (f"{r[-1]:.2f}" if r else "" for r in ratios.values())
        yield (_asked(report, t), "x".join(map(str, shape)), f"{seconds * 1e3:.3g}", *cells, f"{t['gigabytes']:.1f}",
               f"{100 * t['floor']:.0f}", f"{seconds * 1e9 / math.prod(shape):.2f}")  # fmt: skip
    means = (f"**{math.exp(sum(map(math.log, r)) / len(r)):.2f}**" if r else "" for r in ratios.values())
    yield ("", "geometric mean", "", *means, "", "", "")


def _ratio(report: Mapping[str, Any], fast: Timing, other: Timing) -> float:
    """Paired by round where the report has it."""
    paired = other["implementation"] == report["baseline"]
    return float(fast["ratio"]["median"] if paired else other["seconds"]["median"] / fast["seconds"]["median"])


def _asked(report: Mapping[str, Any], t: Timing) -> str:
    outputs = {"backward": "", "inference": ", output"}.get(t["mode"], ", output")
    if outputs and report["plan"]["outputs"] == "all":
        outputs = ", all outputs"
    return f"{t['mode']}{outputs}, `{t['dialect']}`"


def main(page: Path, reports: Sequence[Path]) -> None:
    """Replace the tables of a page."""
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    text = tables([json.loads(path.read_text("utf-8")) for path in reports])
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
