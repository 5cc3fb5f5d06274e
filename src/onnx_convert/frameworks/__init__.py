"""The training frameworks, a folder each: what the core knows of it, and its worker."""
