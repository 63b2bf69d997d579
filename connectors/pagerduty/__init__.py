"""PagerDuty: what else is open, and which changes were announced."""
