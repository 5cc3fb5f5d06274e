"""The spec: TOML in the calling repository, as valid frozen values."""
