"""docs/faults.md is what tests/faults does: generated, then compared."""

from tests.faults import catalogue


def test_every_fault_has_a_test_named_after_it() -> None:
    assert set(catalogue.tests_by_number()) == set(catalogue.DONE) == {*range(1, 17), 19, 20, *range(22, 26)}


def test_the_page_names_the_tests_there_are() -> None:
    assert catalogue.PAGE.read_text() == catalogue.page()
