"""The nouns of the product: alert, incident, diagnosis, conversation, and the ports the flow is written against."""
