"""The kubernetes connector."""
