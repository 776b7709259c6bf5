"""Print a bill of materials (CycloneDX 1.6, JSON): every package that the server runs with, and every model file."""

from __future__ import annotations

import sys
from collections import defaultdict

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from licences_page import Release, licences
from packageurl import PackageURL
from pins import PROJECT, ROOT, Pin, pinned

sys.path.insert(0, str(ROOT))

from secure_attend import __version__
from secure_attend.models import catalogue
from secure_attend.models.catalogue import ModelFile

LICENCES = LicenseFactory()


def bill() -> Bom:
    """The whole bill."""
    bom = Bom()
    root = Component(
        name=PROJECT,
        version=__version__,
        type=ComponentType.APPLICATION,
        bom_ref=PROJECT,
        licenses=[LICENCES.make_from_string("MIT")],
    )
    bom.metadata.component = root
    pins = pinned("requirements.txt")
    known = licences(pins)
    components = defaultdict[str, list[Component]](list, {PROJECT: [root]})
    for pin in pins:
        components[pin.name].append(_package(pin, known[Release(pin.name, pin.version)]))
    models = [_model(file) for file in catalogue.files()]
    bom.components = [*(each for name in components if name != PROJECT for each in components[name]), *models]
    needs = defaultdict[str, list[Component]](list, {PROJECT: models})
    for pin in pins:
        for name in pin.via:
            needs[name] += [each for each in components[pin.name] if each.version == pin.version]
    for name, needed in needs.items():
        for component in components[name]:
            bom.register_dependency(component, needed)
    return bom


def _package(pin: Pin, licence: str) -> Component:
    address = PackageURL("pypi", None, pin.name, pin.version)
    files = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(str(address)),
        comment="The hash of each file of this release, whatever its system",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in sorted(pin.hashes)],
    )
    marker = pin.requirement.marker
    return Component(
        name=pin.name,
        version=pin.version,
        purl=address,
        bom_ref=str(address),
        licenses=[LICENCES.make_from_string(licence)],
        external_references=[files],
        properties=[Property(name=f"{PROJECT}:installed-where", value=str(marker))] if marker else [],
    )


def _model(file: ModelFile) -> Component:
    licence, _, remark = file.licence.partition("; ")
    return Component(
        name=file.name,
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref=f"model:{file.name}",
        description="; ".join(filter(None, [file.purpose, remark])),
        licenses=[LICENCES.make_from_string(licence)],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=file.sha256)] if file.sha256 else [],
        scope=ComponentScope.REQUIRED if file.part == "needed" else ComponentScope.OPTIONAL,
    )


if __name__ == "__main__":
    print(JsonV1Dot6(bill()).output_as_string(indent=2))
