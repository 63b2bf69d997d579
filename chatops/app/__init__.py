"""The only place that wires: which connector, store, thread and persona stand behind the ports."""
