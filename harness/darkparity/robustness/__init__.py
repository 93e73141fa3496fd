"""Every reader of a format against mutated files and messages: accepted, or a clear error, and nothing else."""
