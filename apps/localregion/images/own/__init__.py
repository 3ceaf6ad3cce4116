"""A user's own image as a virtual environment: see README.md."""
