"""The senior infrastructure engineer: the model loop, its brief and its tools."""
