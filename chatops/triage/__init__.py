"""The flow: from an incident to a diagnosis, in plain async functions of ports."""
