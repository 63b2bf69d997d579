"""The Slack surface: listeners, the thread, permissions, the manifest."""
