"""The pytorch framework."""
