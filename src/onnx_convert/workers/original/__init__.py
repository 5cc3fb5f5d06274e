"""What workers of all frameworks share: load, samples, reference outputs, export, native measurement."""
