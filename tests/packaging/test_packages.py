"""Packages as they are published, and the settings of their release."""

from __future__ import annotations

import email
import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.support.layers import ROOT

pytestmark = pytest.mark.slow
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
NOT_INCLUDED = {".gitignore"}
ADDED = {"PKG-INFO", "setup.cfg"}


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a new source distribution."""
    folder = tmp_path_factory.mktemp("sdist")
    command = [sys.executable, "-m", "build", "--quiet", "--sdist", "--no-isolation", "--outdir", folder, ROOT]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    (path,) = folder.iterdir()
    return path


@pytest.fixture(scope="module")
def metadata(sdist: Path) -> email.message.Message:
    """Return the metadata of the package."""
    with tarfile.open(sdist) as archive:
        (name,) = (one for one in archive.getnames() if one.count("/") == 1 and one.endswith("/PKG-INFO"))
        file = archive.extractfile(name)
        assert file is not None
        return email.message_from_bytes(file.read())


def test_source_distribution_contains_all_files_of_the_repository(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {one.name.partition("/")[2] for one in archive.getmembers() if one.isfile()}
    packed = {name for name in names if ".egg-info/" not in name}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    tracked = set(listed.stdout.splitlines()) or packed - ADDED  # a source distribution has no repository

    assert tracked - packed == NOT_INCLUDED & tracked
    assert packed - tracked == ADDED & packed


def test_links_of_the_description_work_outside_of_the_repository(metadata: email.message.Message) -> None:
    description = metadata.get_payload()
    assert isinstance(description, str)
    links = re.findall(r"\]\(([^)]+)\)", description)
    base = f"{PROJECT['project']['urls']['Source']}/"

    assert links
    for link in links:
        assert link.startswith(("https://", "#")), link
        if link.startswith(base):
            kind, version, path = link.removeprefix(base).split("/", 2)
            assert kind in ("blob", "raw")
            assert version == f"v{PROJECT['project']['version']}"
            assert (ROOT / path.partition("#")[0]).exists(), path


def test_description_is_accepted_by_the_index(sdist: Path) -> None:
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", sdist], check=True, capture_output=True)


def test_metadata_name_authors_addresses_and_versions(metadata: email.message.Message) -> None:
    assert metadata["Author"]
    assert {"Documentation", "Source", "Changelog", "Issues"} == {
        one.partition(",")[0] for one in metadata.get_all("Project-URL", [])
    }
    versions = {one.rpartition(" ")[2] for one in metadata.get_all("Classifier", []) if "Python :: 3." in one}
    built = {one.removeprefix("cp3").removesuffix("-*") for one in PROJECT["tool"]["cibuildwheel"]["build"]}
    assert {f"3.{minor}" for minor in built} == versions
    assert metadata["Requires-Python"] == f">=3.{min(built)}"


def test_wheels_of_a_release_are_built_for_all_systems() -> None:
    identifiers = set()
    for platform in ("linux", "macos", "windows"):
        command = [sys.executable, "-m", "cibuildwheel", "--print-build-identifiers", "--platform", platform, ROOT]
        identifiers |= set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())

    for system in ("manylinux_x86_64", "musllinux_x86_64", "win_amd64"):
        assert {f"cp3{minor}-{system}" for minor in (11, 12, 13, 14)} <= identifiers
    assert any("macosx" in one for one in identifiers)
    assert not any("t-" in one for one in identifiers), "expected no free-threaded builds"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_are_valid(workflow: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", workflow]
    subprocess.run(command, check=True, capture_output=True, text=True)


def test_workflows_call_the_verbs_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    steps = [
        step["run"]
        for workflow in WORKFLOWS
        for job in yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"].values()
        for step in job["steps"]
        if "run" in step
    ]

    verbs = {verb for step in steps for verb in re.findall(r"\bmake ([a-z-]+)", step)}
    assert {"test", "wheel", "docs"} <= verbs
    for verb in verbs:
        assert re.search(rf"^{verb}:", makefile, re.MULTILINE), verb
