"""docs/performance.md is made from reports of `darkparity bench`."""

from __future__ import annotations

from pathlib import Path

from darkparity.cli import main
from darkparity.proof.pages.performance import BEGIN, END
from darkparity.proof.pages.performance import main as fill


def test_tables_of_the_performance_page_come_from_reports(tmp_path: Path) -> None:
    report, page = tmp_path / "report.json", tmp_path / "page.md"
    asked = ["--shape", "2x3x4x5", "--rounds", "2", "--mode", "training", "--save", str(report)]
    assert main(["bench", "cpp-fused", "cpp", *asked]) == 0
    page.write_text(f"before\n{BEGIN}old\n{END}after\n", "utf-8")
    fill(page, [report])
    text = page.read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "training, output, `darknet`" in text
    assert "geometric mean" in text
