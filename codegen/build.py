"""Runs codegen as a part of building a package: ``setup(cmdclass={"build_py": codegen.build.BuildPy})``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath

from setuptools.command.build_py import build_py
from setuptools.errors import SetupError

from .pipeline import generate
from .settings import Settings, read_settings
from .source.diagnostics import SchemaProblems
from .source.load import load

__all__ = ["BuildPy"]


class BuildPy(build_py):
    """Generates the code that is built, so that it need not be committed."""

    def finalize_options(self) -> None:
        """Take the packages, but for the generated one while it is not there: :meth:`run` makes and adds it."""
        super().finalize_options()
        folder = self._settings().python
        if not folder.is_dir():
            package = self._package(folder)
            self.packages = [name for name in self.packages or () if name != package]

    def run(self) -> None:
        """Generate, then build."""
        settings = self._settings()
        try:
            generate(settings)
        except SchemaProblems as error:
            raise SetupError(f"the schemas have problems\n{error}") from None
        package = self._package(settings.python)  # it may not have been there when packages were looked for
        self.packages = list(dict.fromkeys([*(self.packages or ()), package]))
        self.package_data = {**self.package_data, package: [*self.package_data.get(package, ()), "py.typed"]}
        super().run()

    def get_source_files(self) -> list[str]:
        """Return what source distributions hold, the schemas included: a wheel may be built from them."""
        modules: Callable[[], list[str]] = super().get_source_files  # setuptools states no type
        documents = load(self._settings().schemas).documents
        return [*modules(), *(document.text.file for document in documents)]

    def _settings(self) -> Settings:
        try:
            return read_settings(Path())
        except SchemaProblems as error:
            raise SetupError(f"the settings have problems\n{error}") from None

    def _package(self, folder: Path) -> str:
        """Return the dotted name of a folder, by the longest root of packages that it lies in."""
        roots = sorted(((self.package_dir or {}).values()), key=len, reverse=True)
        for root in roots:
            if folder.is_relative_to(PurePath(root)):
                folder = folder.relative_to(PurePath(root))
                break
        return ".".join(folder.parts)
