"""What speaks to GitHub."""
