"""Hook for setuptools: ``setup(cmdclass={"build_py": codegen.build.BuildPy})``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath

from setuptools.command.build_py import build_py
from setuptools.errors import SetupError

from .source.diagnostics import SchemaProblems
from .source.missing_packages import missing_extra

try:
    from .pipeline import generate
    from .settings.project_settings import Settings, read_settings
    from .source.load import load
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(missing_extra(error) or str(error), name=error.name) from None

__all__ = ["BuildPy"]


class BuildPy(build_py):
    """Command ``build_py`` that generates the code first, so that it need not be committed."""

    def finalize_options(self) -> None:
        """Remove the generated package while its folder is missing; :meth:`run` adds it again."""
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
            raise SetupError(f"invalid schemas\n{error}") from None
        package = self._package(settings.python)  # missing until now if the folder did not exist
        self.packages = list(dict.fromkeys([*(self.packages or ()), package]))
        self.package_data = {**self.package_data, package: [*self.package_data.get(package, ()), "py.typed"]}
        super().run()

    def get_source_files(self) -> list[str]:
        """Return the files of a source distribution, with the schemas, because a wheel may be built from it."""
        modules: Callable[[], list[str]] = super().get_source_files  # setuptools has no annotation
        documents = load(self._settings().schemas).documents
        return [*modules(), *(document.text.file for document in documents)]

    def _settings(self) -> Settings:
        try:
            return read_settings(Path())
        except SchemaProblems as error:
            raise SetupError(f"invalid settings\n{error}") from None

    def _package(self, folder: Path) -> str:
        """Return the dotted name of a package folder, relative to the longest matching package root."""
        roots = sorted(((self.package_dir or {}).values()), key=len, reverse=True)
        for root in roots:
            if folder.is_relative_to(PurePath(root)):
                folder = folder.relative_to(PurePath(root))
                break
        return ".".join(folder.parts)
