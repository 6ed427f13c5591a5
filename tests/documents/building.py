"""Builds the documentation as `scripts/docs` does, or another folder by the same settings."""

import warnings
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from tests.test_docs import ROOT


def build_site(target: Path, documents: Path = ROOT / "docs") -> Path:
    """The site of ``documents`` in ``target``; a warning of MkDocs is an error."""
    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(target), docs_dir=str(documents))
    assert config.strict
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setenv("NO_MKDOCS_2_WARNING", "1")
        warnings.simplefilter("ignore")  # what its parts say of each other
        build(config)
    return target
