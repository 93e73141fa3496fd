"""How a person sees it: tables, failures, diagnoses on a terminal."""
