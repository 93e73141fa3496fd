"""What is asked: DarkNet's batch-normalization routines and layer functions, written once as data.

Documentation, command line, test ids, oracle and implementations all read these tables; nothing here
computes a number, and reading it imports no NumPy.
"""

from .call import Arrays, Attributes, Call
from .contract import ContractError, check_call
from .geometry import Geometry
from .layers import Stage, backward_stages, forward_stages, origins_of, stages, stages_behind
from .operations import (
    AXES,
    BACKWARD,
    FORWARD,
    LAYER_OPERATIONS,
    MAKE,
    MODES,
    OPERATIONS,
    ROUTINES,
    TRAINING_RUN,
    Operation,
    inputs_of,
    operation,
    operations_of,
    outputs_of,
    step_attributes,
    steps_of,
)

__all__ = [
    "AXES",
    "BACKWARD",
    "FORWARD",
    "LAYER_OPERATIONS",
    "MAKE",
    "MODES",
    "OPERATIONS",
    "ROUTINES",
    "TRAINING_RUN",
    "Arrays",
    "Attributes",
    "Call",
    "ContractError",
    "Geometry",
    "Operation",
    "Stage",
    "backward_stages",
    "check_call",
    "forward_stages",
    "inputs_of",
    "operation",
    "operations_of",
    "origins_of",
    "outputs_of",
    "stages",
    "stages_behind",
    "step_attributes",
    "steps_of",
]
