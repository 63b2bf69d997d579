"""The senior infrastructure engineer: the loop, its `brief`, its `toolbox`, the `model` it asks."""
