"""Jenkins: what its jobs delivered, what failed, what waits."""
