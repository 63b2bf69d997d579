"""States: what AWS says about the condition of a resource right now, by area; each call stands alone."""
