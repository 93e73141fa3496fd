"""Whether `identify` finds random rows that it is not told, in a batch norm written apart from everything else."""
