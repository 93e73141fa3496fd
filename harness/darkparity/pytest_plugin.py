"""The pytest11 entry point. Every pytest run of the environment loads it, so it does nothing unless asked.

Its options exist only when an argument (or PYTEST_ADDOPTS) names `darkparity.conformance`: names as plain as
`--implementation` belong to whoever else defines them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

_PACKAGE = "darkparity.conformance"
#: option -> help, metavar. The values are read by darkparity.conformance.test_conformance.
OPTIONS = {
    "--implementation": ("what to judge, as `darkparity check` takes it; repeatable", "IMPL"),
    "--exec": ("a program that speaks docs/protocol.md; repeatable", "CMD"),
    "--dialect": ("dialect to judge against; repeatable; default darknet", "NAME"),
    "--case": ("only cases whose id or bare name matches; repeatable", "PATTERN"),
    "--known": ("known differences (TOML), strict both ways", "FILE"),
}


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Register the options if they are meant for us."""
    config = pluginmanager.get_plugin("pytestconfig")
    arguments = [str(a) for a in config.invocation_params.args] if config else []
    if not named([*arguments, *os.environ.get("PYTEST_ADDOPTS", "").split()]):
        return
    group = parser.getgroup("darkparity", "darkparity: conformance of a batch normalization")
    for option, (text, metavar) in OPTIONS.items():
        once = {"action": "store"} if option == "--known" else {"action": "append", "default": []}
        group.addoption(option, dest=destination(option), help=text, metavar=metavar, **once)


def destination(option: str) -> str:
    """The name of an option's value in pytest's configuration."""
    return f"darkparity_{option.removeprefix('--')}"


def named(arguments: Sequence[str]) -> bool:
    """Whether a command line asks for our tests, as a package or as a path."""
    return any(_PACKAGE in a.replace("\\", "/").replace("/", ".") for a in arguments)
