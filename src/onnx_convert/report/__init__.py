"""The report: one value, and a module for each form it is rendered to."""
