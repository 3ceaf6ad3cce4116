"""Training jobs: the algorithm tables, launch, watch, history."""
