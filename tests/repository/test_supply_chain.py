"""The page of licences and the bill of materials: complete, current, and of the form that others read."""

from __future__ import annotations

import json
from typing import Any

import licences_page
import pins
import pytest
import sbom

from secure_attend.models import catalogue


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    # here, for they take seconds to import, and every process of a run collects this file
    from cyclonedx.output.json import JsonV1Dot6
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = JsonV1Dot6(sbom.bill()).output_as_string()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    found: dict[str, Any] = json.loads(text)
    return found


def test_the_page_of_licences_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run `make docs` if this fails. Releases that are not installed here are read off the page itself."""

    def ask(*about: object) -> None:
        raise AssertionError(f"The page lacks what pip would be asked for: {about}")

    monkeypatch.setattr(licences_page, "ask_pip", ask)
    assert licences_page.page() == licences_page.PAGE.read_text(encoding="utf-8")


def test_every_package_says_under_which_licence_it_is() -> None:
    found = licences_page.listed()
    wanted = [pin for name in pins.FILES for pin in pins.pinned(name)]
    assert [pin.name for pin in wanted if found.get((pin.name, pin.version), "not declared") == "not declared"] == []


@pytest.mark.parametrize(
    ("expression", "words", "classifiers", "licence"),
    [
        ("MIT AND BSD-3-Clause", "whatever", ["License :: OSI Approved :: MIT License"], "MIT AND BSD-3-Clause"),
        (None, "Apache 2.0", ["License :: OSI Approved :: Apache Software License"], "Apache-2.0"),
        (None, "The whole text\nof a licence", ["License :: OSI Approved :: BSD License"], "BSD License"),
        (None, "UNKNOWN", ["License :: OSI Approved :: MIT License", "Topic :: Software"], "MIT"),
        (None, None, [], "not declared"),
    ],
)
def test_what_metadata_declares(
    expression: str | None, words: str | None, classifiers: list[str], licence: str
) -> None:
    assert licences_page._declared(expression, words, classifiers) == licence


def test_the_bill_names_every_package_with_its_hashes(bill: dict[str, Any]) -> None:
    packages = {each["bom-ref"]: each for each in bill["components"] if each["type"] == "library"}
    wanted = pins.pinned("requirements.txt")
    assert set(packages) == {f"pkg:pypi/{pin.name}@{pin.version}" for pin in wanted}
    for pin in wanted:
        each = packages[f"pkg:pypi/{pin.name}@{pin.version}"]
        (files,) = each["externalReferences"]
        assert {one["content"] for one in files["hashes"]} == pin.hashes
        assert each["licenses"]


def test_the_bill_names_every_model_file(bill: dict[str, Any]) -> None:
    models = {each["name"]: each for each in bill["components"] if each["type"] == "machine-learning-model"}
    assert set(models) == {file.name for file in catalogue.files()}
    for file in catalogue.files():
        hashes = [one["content"] for one in models[file.name].get("hashes", [])]
        assert hashes == ([file.sha256] if file.sha256 else [])
        assert models[file.name]["licenses"]


def test_everything_in_the_bill_is_needed_by_something(bill: dict[str, Any]) -> None:
    needed = {name for each in bill["dependencies"] for name in each.get("dependsOn", [])}
    assert {each["bom-ref"] for each in bill["components"]} == needed
