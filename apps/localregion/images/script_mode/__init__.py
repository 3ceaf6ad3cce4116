"""Script mode: a user's own training script in one of SageMaker's framework images.

What github.com/aws/sagemaker-training-toolkit does in those images. The toolkit itself is published as source that
needs a C compiler, which a machine that runs this region need not have.
"""
