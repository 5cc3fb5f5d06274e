"""The container's first process: the action's inputs to a command line, tokens out of reach, results to GitHub."""
