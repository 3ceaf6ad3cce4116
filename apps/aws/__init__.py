"""The one door to AWS: workspaces, boto3 clients, the error tree, prices, image URIs."""
