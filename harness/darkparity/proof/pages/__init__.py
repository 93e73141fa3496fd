"""Makers of the generated pages and tables in docs/."""
