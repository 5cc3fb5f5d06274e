"""What every test shares."""

from hypothesis import settings

# Time is never asserted in a test: machines are shared and noisy.
settings.register_profile("project", deadline=None)
settings.load_profile("project")
