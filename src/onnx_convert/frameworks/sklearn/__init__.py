"""The sklearn framework."""
