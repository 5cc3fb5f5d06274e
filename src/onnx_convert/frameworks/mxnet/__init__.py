"""The mxnet framework."""
