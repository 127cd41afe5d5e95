"""Profile of hypothesis without deadlines, because CI machines may be slow."""

from hypothesis import settings

settings.register_profile("busy", deadline=None)
settings.load_profile("busy")
