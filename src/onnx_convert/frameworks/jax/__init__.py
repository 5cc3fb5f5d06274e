"""The jax framework."""
