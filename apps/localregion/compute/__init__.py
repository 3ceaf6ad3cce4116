"""Runs the region's jobs: job folders, supervisors, the warden that adopts them, their logs and metrics."""
