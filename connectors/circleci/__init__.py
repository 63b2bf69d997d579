"""CircleCI: what its workflows delivered, and which failed."""
