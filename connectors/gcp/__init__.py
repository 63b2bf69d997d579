"""Google Cloud: audit and error logs, alerts and metrics."""
