"""Who answers: the contract, the shipped implementations, and the ways to connect one's own."""

from .port import EnvironmentChanged, Port, PortError, ProtocolError
from .protocol import LABELS, Arrays, Description, Implementation, NotInstalled, Unsupported
from .registry import DEFAULT, Availability, ImplementationImportError, UnknownImplementation, adapt, available, load

__all__ = [
    "DEFAULT",
    "LABELS",
    "Arrays",
    "Availability",
    "Description",
    "EnvironmentChanged",
    "Implementation",
    "ImplementationImportError",
    "NotInstalled",
    "Port",
    "PortError",
    "ProtocolError",
    "UnknownImplementation",
    "Unsupported",
    "adapt",
    "available",
    "load",
]
