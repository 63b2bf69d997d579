"""Vault: whether it is sealed."""
