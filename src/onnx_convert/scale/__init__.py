"""Many models: the spec parted into shards, and the reports of shards joined into one. Imports no numerics."""
