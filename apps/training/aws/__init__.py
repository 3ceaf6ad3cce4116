"""The AWS calls of training jobs: each one request and a typed answer."""
