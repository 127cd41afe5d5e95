from __future__ import annotations

import logging
import shutil
import ssl

import pytest

from tests.support.certificates import make_certificate
from tornado_ws.errors import ConfigurationError
from tornado_ws.http_server import Certificate


def subject(certificate: Certificate) -> str:
    """Return the common name that a server with the certificate presents, by a handshake in memory."""
    client = ssl.create_default_context()
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    at_client = client.wrap_bio(incoming, outgoing)
    at_server = certificate.context.wrap_bio(outgoing, incoming, server_side=True)
    for _ in range(3):
        for end in (at_client, at_server):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    presented = at_client.getpeercert(binary_form=True)
    assert presented is not None
    return presented.decode("latin-1")


def test_changed_files_are_used_for_new_connections(tmp_path, caplog):
    certificate = Certificate(*make_certificate(tmp_path, "old"))
    assert "old" in subject(certificate)

    make_certificate(tmp_path, "new")
    with caplog.at_level(logging.INFO, "tornado_ws"):
        certificate.reload()
        certificate.reload()

    assert "new" in subject(certificate)
    assert [f"loaded the new certificate {tmp_path}/fullchain.pem"] == caplog.messages


@pytest.mark.parametrize("fault", ["half written", "another key", "removed"])
def test_former_certificate_stays_in_use_while_the_files_are_invalid(tmp_path, caplog, fault):
    chain, key = make_certificate(tmp_path, "old")
    certificate = Certificate(chain, key)
    (tmp_path / "other").mkdir()
    other, _ = make_certificate(tmp_path / "other", "new")

    if fault == "half written":
        chain.write_bytes(other.read_bytes()[:200])
    elif fault == "another key":
        shutil.copy(other, chain)
    else:
        key.unlink()
    certificate.reload()

    assert "old" in subject(certificate)
    text = {
        "half written": f"cannot load {chain} with {key}: ",
        "another key": f"the key {key} does not belong to the certificate {chain}",
        "removed": f"cannot read {key}: No such file or directory",
    }
    assert f"the former certificate stays in use: {text[fault]}" in caplog.text


def test_invalid_files_are_refused_at_start_up(tmp_path):
    chain, key = make_certificate(tmp_path)
    (tmp_path / "other").mkdir()
    _, other_key = make_certificate(tmp_path / "other")
    damaged = tmp_path / "damaged.pem"
    damaged.write_text("no certificate", encoding="utf-8")

    for files, text in (
        ((damaged, key), f"cannot load {damaged} with {key}: .*; expected PEM files, and a key without a password"),
        ((tmp_path / "none.pem", key), f"cannot read {tmp_path}/none.pem: No such file or directory"),
        ((tmp_path, key), ""),
        ((chain, other_key), f"the key {other_key} does not belong to the certificate {chain}"),
        (("a\0b", key), r"cannot load 'a\\x00b' with .*: embedded null byte"),
    ):
        with pytest.raises(ConfigurationError, match=f"^certificate: {text}"):
            Certificate(*files)


@pytest.mark.parametrize(
    ("files", "text"),
    [
        (("chain.pem", None), "key: expected str or Path, got None; TLS needs a certificate and its key"),
        ((None, "key.pem"), "certificate: expected str or Path, got None; TLS needs a certificate and its key"),
        ((1, "key.pem"), "certificate: expected str or Path, got 1; TLS needs a certificate and its key"),
    ],
)
def test_certificate_needs_both_files(files, text):
    with pytest.raises(ConfigurationError) as refused:
        Certificate.of(*files)

    assert str(refused.value) == text
