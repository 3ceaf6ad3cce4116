"""SageMaker's built-in K-Means, trained with scikit-learn."""
