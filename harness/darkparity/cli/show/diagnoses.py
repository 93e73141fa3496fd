"""Why it deviates: the diagnoses of a run."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from darkparity.judging.diagnosis import Diagnosis

from .screen import FAILED


def show_diagnoses(console: Console, diagnoses: Sequence[Diagnosis]) -> None:
    """A sentence for each, the runners-up, and the case that tells them apart."""
    for d in diagnoses:
        console.print(f"diagnosis of {d.implementation} (dialect {d.dialect})", style=FAILED)
        console.print(f"  {d.sentence}", soft_wrap=True)
        for cause in d.explanations[:4]:
            if cause.ratio is not None:
                console.print(f"    {cause.name}: worst error / the deviation's own bound {cause.ratio:.3g}")
        for line in d.where if d.explanations else ():
            console.print(f"  {line}", soft_wrap=True)
        if d.telling:
            console.print(f"  the first two are told apart by --case {d.telling}", soft_wrap=True)
        console.print()
