"""Container registries: whether an image exists, for which machines, and what scanners say of it."""
