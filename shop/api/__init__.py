"""The shop's HTTP API as openapi.yaml describes it."""
