"""A worked example: a connector that a third party could publish, as docs/writing-a-connector.md describes it."""
