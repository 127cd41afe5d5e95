"""No deadlines for examples that hypothesis finds: the machine may be busy with something else."""

from hypothesis import settings

settings.register_profile("busy", deadline=None)
settings.load_profile("busy")
