"""Where implementations and expected values meet: run, compare, locate, explain."""
