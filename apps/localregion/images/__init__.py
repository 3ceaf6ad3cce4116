"""What runs inside a job: a folder an image, with a table of its facts (image.toml) and its programs."""
