"""How good are the answers? Cases of past incidents: recorded, replayed, scored."""
