"""What is asked: DarkNet's batch-normalization routines and layer functions, written once as data.

Documentation, command line, test ids, oracle and implementations all read these tables; nothing here
computes a number and nothing here imports NumPy.
"""

from .contract import ContractError, check_arrays
from .layers import Stage, backward_stages, forward_stages, stages
from .operations import (
    AXES,
    BACKWARD,
    FORWARD,
    LAYER_OPERATIONS,
    LAYER_TYPES,
    MAKE,
    MODES,
    OPERATIONS,
    ROUTINES,
    TRAINING_RUN,
    Operation,
    inputs_of,
    operation,
    outputs_of,
    step_attributes,
    steps_of,
)

__all__ = [
    "AXES",
    "BACKWARD",
    "FORWARD",
    "LAYER_OPERATIONS",
    "LAYER_TYPES",
    "MAKE",
    "MODES",
    "OPERATIONS",
    "ROUTINES",
    "TRAINING_RUN",
    "ContractError",
    "Operation",
    "Stage",
    "backward_stages",
    "check_arrays",
    "forward_stages",
    "inputs_of",
    "operation",
    "outputs_of",
    "stages",
    "step_attributes",
    "steps_of",
]
