"""What Slack sends, one module for each kind: commands, events, actions, shortcuts, views.

Each has `register(app, desk)`. What they get is verified and, but for forms, acknowledged: they dedupe,
store, enqueue and answer, nothing else, and may be run a second time for a request whose process died.
"""
