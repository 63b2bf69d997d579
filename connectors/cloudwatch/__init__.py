"""The cloudwatch connector."""
