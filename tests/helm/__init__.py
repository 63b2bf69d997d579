"""The chart and the image."""
