"""The stages of a run, a module each: they give jobs to workers and make report values of what comes back."""
