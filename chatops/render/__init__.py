"""Pure functions from incidents and diagnoses to Block Kit, Markdown and the terminal."""
