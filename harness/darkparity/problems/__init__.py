"""A case in hand: its arrays and what is right for it, wherever it comes from."""
