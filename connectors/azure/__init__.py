"""Azure: activity log, resource health and metrics."""
