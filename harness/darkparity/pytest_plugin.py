"""The pytest11 entry point: loaded into every pytest run of the environment, so it registers and imports nothing."""
