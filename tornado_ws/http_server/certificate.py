"""TLS certificate that is loaded again when its files change."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from ..config_checks import require_instance
from ..errors import ConfigurationError
from ..loggers import SERVER

__all__ = ["Certificate"]


class Certificate:
    """Certificate and private key in PEM files, such as those of certbot."""

    def __init__(self, chain: str | Path, key: str | Path) -> None:
        """Load the files.

        Args:
            chain: File with the certificate, followed by those of the authorities (``fullchain.pem``).
            key: File with its private key, without a password (``privkey.pem``).

        Raises:
            ConfigurationError: If the files cannot be read, or do not belong together.
        """
        self._chain = chain
        self._key = key
        try:
            self._versions = self._read_versions()
            self.context = self._load(ssl.create_default_context(ssl.Purpose.CLIENT_AUTH))
            """Context of the server's connections, with the safe settings of Python: TLS 1.2 or newer."""
        except (OSError, ValueError, TypeError) as error:
            raise ConfigurationError("certificate", _problem(chain, key, error)) from None

    @classmethod
    def of(cls, chain: str | Path | None, key: str | Path | None) -> Certificate | None:
        """Return the certificate of two settings; None if both are None.

        Raises:
            ConfigurationError: If the files cannot be read, or one of the settings is None.
        """
        if chain is None and key is None:
            return None
        for setting, file in (("certificate", chain), ("key", key)):
            require_instance(setting, file, (str, Path), hint="TLS needs a certificate and its key")
        return cls(chain or "", key or "")

    def reload(self) -> None:
        """Use the files for new connections if they have changed; keep the former certificate if they are invalid."""
        try:
            versions = self._read_versions()
            if versions == self._versions:
                return
            self._versions = versions
            # First in another context: a failure would leave a certificate without its key.
            self._load(ssl.create_default_context(ssl.Purpose.CLIENT_AUTH))
            self._load(self.context)
        except OSError as error:
            SERVER.error("the former certificate stays in use: %s", _problem(self._chain, self._key, error))
        else:
            SERVER.info("loaded the new certificate %s", self._chain)

    def _load(self, context: ssl.SSLContext) -> ssl.SSLContext:
        context.load_cert_chain(self._chain, self._key, password=lambda: b"")  # OpenSSL would ask at the terminal
        return context

    def _read_versions(self) -> list[tuple[int, int, int]]:
        states = map(os.stat, (self._chain, self._key))
        return [(state.st_ino, state.st_mtime_ns, state.st_size) for state in states]


def _problem(chain: str | Path, key: str | Path, error: Exception) -> str:
    reason = getattr(error, "reason", None)
    if reason == "KEY_VALUES_MISMATCH":
        return f"the key {key} does not belong to the certificate {chain}"
    if isinstance(error, ssl.SSLError):
        return f"cannot load {chain} with {key}: {reason or error}; expected PEM files, and a key without a password"
    if isinstance(error, OSError) and error.filename:
        return f"cannot read {error.filename}: {error.strerror}"
    return f"cannot load {str(chain)!r} with {str(key)!r}: {error}"
