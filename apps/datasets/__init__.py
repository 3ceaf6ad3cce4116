"""Data sets: what a team trains on, as SageMaker-ready objects in S3."""
