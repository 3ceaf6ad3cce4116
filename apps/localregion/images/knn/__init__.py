"""SageMaker's built-in k-nearest neighbours, with scikit-learn's search."""
