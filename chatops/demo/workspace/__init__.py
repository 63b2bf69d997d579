"""The demo's Slack: a workspace that people use in a browser, and the Web API that the app calls."""
