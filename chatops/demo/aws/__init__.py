"""The demo's AWS: what its services answer, in the protocols that boto3 speaks to each."""
