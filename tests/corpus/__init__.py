"""Short real audio of every accepted kind, and everything that must be refused, made on the fly.

    for sample in corpus.good(): sample.path  # made when first asked for, then taken from the cache
    for sample in corpus.bad():  sample.path, sample.reason, sample.refused_by

Files are made by Debian's ffmpeg and by hand-written bytes, the same on every run, and kept in a cache folder of
the system's temp dir that several test processes may share (files appear by atomic rename).
"""

from tests.corpus.audio import brief, good
from tests.corpus.sample import BadSample, RefusedBy, Sample, named
from tests.corpus.spoiled import bad, eicar

__all__ = ["BadSample", "RefusedBy", "Sample", "bad", "bad_sample", "brief", "eicar", "good", "named", "sample"]


def sample(name: str) -> Sample:
    """The good sample called `name`; KeyError lists what there is."""
    return named(good(), name)


def bad_sample(name: str) -> BadSample:
    """The bad sample called `name`."""
    return named(bad(), name)
