"""SageMaker's built-in PCA, computed with scikit-learn."""
