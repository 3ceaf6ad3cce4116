"""SageMaker's scikit-learn framework image: script mode with this region's scikit-learn."""
