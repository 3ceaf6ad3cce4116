"""The pages of data sets: translate in, one call, translate out."""
