"""The demo's cluster: objects as controllers write them, and the API server that shows them."""
