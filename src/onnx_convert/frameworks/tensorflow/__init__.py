"""The tensorflow framework."""
