"""A quarter of a second is a track too, in every format."""

import pytest

from tests import corpus
from tests.corpus import Sample
from tests.integration.transcode.studio import encoded, facts_of


@pytest.mark.parametrize("sample", corpus.brief(), ids=str)
def test_a_quarter_of_a_second_is_encoded(sample: Sample) -> None:
    facts = facts_of(sample)

    result = encoded(sample.read(), facts).result

    assert facts.samples is not None
    assert abs(result.samples - sample.samples) <= facts.tolerance_samples
