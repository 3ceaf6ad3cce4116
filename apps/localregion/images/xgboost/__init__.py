"""SageMaker's built-in XGBoost algorithm, by XGBoost itself."""
