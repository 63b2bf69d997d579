"""GitLab: what was deployed, and which pipelines failed."""
