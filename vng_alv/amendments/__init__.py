"""Amendments. Whoever knows this room carries them over when a new version of a text is published."""

from vng_alv.amendments import merging

__all__ = ["merging"]
