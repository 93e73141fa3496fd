"""Golden fixtures on disk: one case as a file, the store of them, and how it is made again."""
