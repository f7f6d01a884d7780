"""What `make up` tells the rest of the world."""

import json
from pathlib import Path

import pytest

from dev import stack
from dev.outputs import read_outputs, write_outputs
from dev.problem import Problem

OUTPUTS = {
    "VezaMedia-local": {"ApiId": "dd6605ad", "DistributionDomain": "d6bx3.cloudfront.net", "ExportsOutputRefX": "x"},
    "VezaData-local": {"UploadsBucket": "veza-local-uploads"},
    "VezaOps-local": {},
}


def test_addresses_are_those_that_programs_and_browsers_can_reach() -> None:
    assert stack.addresses(OUTPUTS, "http://localhost:4567") == {
        "app_url": "http://d6bx3.cloudfront.localhost:4567",
        "media_url": "http://d6bx3.cloudfront.localhost:4567",
        "api_url": "http://localhost:4567/_aws/execute-api/dd6605ad/$default/api/v1",
        "endpoint_url": "http://localhost:4567",
    }


def test_stacks_without_an_api_are_a_problem_with_a_way_out() -> None:
    with pytest.raises(Problem, match="ApiId") as caught:
        stack.addresses({"VezaMedia-local": {"DistributionDomain": "d"}}, "http://localhost:4566")
    assert "make reset" in caught.value.hint


def test_the_file_holds_every_output_but_the_links_between_stacks(tmp_path: Path) -> None:
    path = tmp_path / "outputs.json"
    write_outputs({"app_url": "http://here"}, OUTPUTS, path)
    written = read_outputs(path)
    assert written["app_url"] == "http://here"
    assert written["UploadsBucket"] == "veza-local-uploads"
    assert "ExportsOutputRefX" not in written
    assert written["stacks"] == OUTPUTS


def test_addresses_win_over_an_output_of_the_same_name(tmp_path: Path) -> None:
    path = tmp_path / "outputs.json"
    write_outputs({"ApiId": "ours"}, OUTPUTS, path)
    assert json.loads(path.read_text())["ApiId"] == "ours"


@pytest.mark.parametrize("content", [None, "", "{"])
def test_before_make_up_there_is_an_answer_a_person_understands(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "outputs.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(Problem) as caught:
        read_outputs(path)
    assert caught.value.hint == "Run `make up`."


def test_every_stack_counts_even_one_without_outputs(tmp_path: Path) -> None:
    manifest = {
        "artifacts": {
            "VezaOps-local": {"type": "aws:cloudformation:stack", "properties": {"stackName": "VezaOps-local"}},
            "Renamed": {"type": "aws:cloudformation:stack", "properties": {}},
            "VezaOps-local.assets": {"type": "cdk:asset-manifest"},
            "Tree": {"type": "cdk:tree"},
        }
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert stack.stacks_of(tmp_path) == ["VezaOps-local", "Renamed"]


def test_progress_names_stack_and_resource() -> None:
    line = "VezaApi-local | 10/50 | 5:48:51 PM | CREATE_COMPLETE | AWS::IAM::Role | About/Role (AboutRole33) "
    assert stack._progress(line) == "VezaApi-local: About/Role (AboutRole33)"
    assert stack._progress("VezaMedia-local: deploying... [1/5]\n") == "VezaMedia-local: deploying..."
    assert stack._progress("✨  Synthesis time: 3.1s") is None


def test_a_failed_deploy_shows_what_failed_and_not_what_was_cleaned_up_after_it() -> None:
    log = "VezaApi | DELETE_COMPLETE\n" * 40 + "Failed resources:\nSigningKeys timed out\n❌ VezaApi failed\n"
    assert stack._what_failed(log).splitlines() == ["SigningKeys timed out", "❌ VezaApi failed"]


def test_a_failed_synth_shows_the_end_of_its_log() -> None:
    log = "\n".join(f"line {number}" for number in range(50))
    assert stack._what_failed(log).splitlines()[-1] == "line 49"
    assert len(stack._what_failed(log).splitlines()) == 20
