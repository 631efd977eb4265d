"""coprod: a talk on co-production, rerun from its data to a verdict on every claim."""

__version__ = "0.1.0"
