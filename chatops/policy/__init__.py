"""The three gates every text passes: what may leave, what may run, what may be believed."""
