"""Who answers: the contract, the shipped implementations, and the ways to connect one's own."""

from .finding import ImplementationImportError, UnknownImplementation
from .port import EnvironmentChanged, Port, PortError, ProtocolError
from .protocol import LABELS, Description, Implementation, NotInstalled, NotOffered
from .registry import DEFAULT, Availability, adapt, available, load

__all__ = [
    "DEFAULT",
    "LABELS",
    "Availability",
    "Description",
    "EnvironmentChanged",
    "Implementation",
    "ImplementationImportError",
    "NotInstalled",
    "NotOffered",
    "Port",
    "PortError",
    "ProtocolError",
    "UnknownImplementation",
    "adapt",
    "available",
    "load",
]
