"""What Slack sends, one module for each kind: commands, events, actions, shortcuts, views.

Each has `register(app, desk)`. They verify (Bolt has), dedupe, store, enqueue and acknowledge, nothing else.
"""
