"""The harness's own evidence: deviations caught, honest variants passed."""
