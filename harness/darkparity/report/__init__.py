"""What a run says: its file, its summary, its texts."""
