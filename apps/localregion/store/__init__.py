"""What the local region keeps: JSON documents and S3 objects, in one SQLite file and a folder of blobs."""
