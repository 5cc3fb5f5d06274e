"""What a run is compared with: the merge base, an earlier commit, an earlier output folder, or nothing."""
