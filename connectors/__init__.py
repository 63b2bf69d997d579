"""What the systems say: read-only connectors that know nothing of Slack, Redis or models."""
