"""The demo: a local workspace and recorded incidents behind the real protocols."""
