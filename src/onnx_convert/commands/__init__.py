"""The commands, one a module: `add` declares its arguments, and what it does is imported when it runs."""
