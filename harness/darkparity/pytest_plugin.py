"""The pytest11 entry point: every pytest run of the environment loads it, so it registers nothing."""
