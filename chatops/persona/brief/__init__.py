"""What the model reads first: one document (`document`) of `sections` and `excerpts` of the evidence."""
