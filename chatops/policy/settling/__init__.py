"""What of an answer is believed? Which hypotheses stand, about what, and how sure (`settle`)."""
