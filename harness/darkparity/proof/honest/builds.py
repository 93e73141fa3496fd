"""Other programs and builds: the shipped ports, the processor's flush-to-zero, the C++ at other flags."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from darkparity.implementations import Description, Implementation, NotInstalled, load
from darkparity.implementations.wire.external import External

from .variant import HonestVariant

#: Where `cmake -DDARKPARITY_VARIANTS=ON` put the other builds of the compiled module.
VARIANTS = "DARKPARITY_VARIANTS"
_HELPER = """
#if defined(__x86_64__) || defined(__i386__)
#include <xmmintrin.h>
void flush_to_zero(int on) { unsigned c = _mm_getcsr(); _mm_setcsr(on ? c | 0x8040u : c & ~0x8040u); }
#elif defined(__aarch64__)
void flush_to_zero(int on) {
  unsigned long c;
  __asm__ volatile("mrs %0, fpcr" : "=r"(c));
  c = on ? c | (1ul << 24) : c & ~(1ul << 24);
  __asm__ volatile("msr fpcr, %0" : : "r"(c));
}
#else
#error "no switch for flush-to-zero known here"
#endif
"""


@functools.cache
def _helper() -> Path:
    """The compiled switch. Raises NotInstalled."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise NotInstalled("flush_to_zero needs a C compiler (cc, gcc or clang)")
    directory = Path(tempfile.mkdtemp(prefix="darkparity-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    source, target = directory / "flush.c", directory / "flush.so"
    source.write_text(_HELPER, "utf-8")
    done = subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", target, source], capture_output=True, text=True)
    if done.returncode:
        raise NotInstalled(f"flush_to_zero: {compiler} failed: {done.stderr.strip()[:200]}")
    return target


def _child(port: str, **environment: str) -> Implementation:
    root = str(Path(__file__).resolve().parents[3])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    command = [sys.executable, "-m", "darkparity", "serve", str(Path(__file__).with_name(port))]
    return External(command, environment={"PYTHONPATH": path, **environment})


def _flushing() -> Implementation:
    return _child("flushing_port.py", DARKPARITY_FLUSH_HELPER=str(_helper()))


def _built(name: str) -> Implementation:
    directory = os.environ.get(VARIANTS)
    if not directory:
        raise NotInstalled(f"{name}: cmake -DDARKPARITY_VARIANTS=ON, then set {VARIANTS} to the build's variants/")
    found = sorted(Path(directory, name).glob("_core*"))
    if not found:
        raise NotInstalled(f"{name}: no compiled module in {Path(directory, name)}")
    return _child("built_port.py", DARKPARITY_VARIANT_MODULE=str(found[0]), DARKPARITY_VARIANT_NAME=name)


def _build(name: str, flags: str) -> HonestVariant:
    return HonestVariant(name, f"the C++ port compiled with {flags}", ("two_pass", "ieee"), lambda: _built(name))


@dataclass(frozen=True)
class _Fused:
    """cpp-fused at one of its SIMD levels with a number of threads; both are put back after every call."""

    port: Implementation
    core: Any
    level: str
    threads: int

    def describe(self) -> Description:
        return self.port.describe()

    def run(self, *call: Any) -> dict[str, np.ndarray]:
        before = self.core.simd(), self.core.threads()
        self.core.set_simd(self.level)
        self.core.set_threads(self.threads)
        try:
            return self.port.run(*call)
        finally:
            self.core.set_simd(before[0])
            self.core.set_threads(before[1])


def _fused(level: str, threads: int) -> HonestVariant:
    def make() -> Implementation:
        port = load("cpp-fused")
        from darkparity import _core

        if level not in _core.simd_levels():
            raise NotInstalled(f"cpp_fused_{level}: this machine has {', '.join(_core.simd_levels())}")
        return _Fused(port, _core, level, threads)

    words = f"the C++ layer functions for speed, SIMD {level}, {threads} thread{'s' * (threads > 1)}"
    return HonestVariant(f"cpp_fused_{level}", words, ("two_pass", "ieee", "pairwise"), make)


BUILDS = (
    HonestVariant("cpp", "the C++ port, DarkNet's loops", ("two_pass", "ieee"), lambda: load("cpp")),
    _fused("plain", 1),
    _fused("avx2", 2),
    _fused("avx512", 5),
    HonestVariant("torch", "the PyTorch port", ("two_pass", "ieee"), lambda: load("torch")),
    HonestVariant(
        "flush_to_zero", "the NumPy port under the processor's flush-to-zero, in a child", ("two_pass",), _flushing
    ),
    _build("cpp_o0", "-O0"),
    _build("cpp_o2", "-O2"),
    _build("cpp_o3_native", "-O3 -march=native -ffp-contract=fast"),
)
