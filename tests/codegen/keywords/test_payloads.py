"""Names of payloads and messages."""

from __future__ import annotations

from pathlib import Path

from ..support.models import TEXT, endpoint


def test_client_message_has_a_prefix_if_the_server_has_a_different_one_of_its_name(tmp_path: Path) -> None:
    record = {"type": "object", "properties": {"a": TEXT}}
    both = {"same": {"payload": record}, "other": {"payload": record}}
    document = {"kind": "ephemeral", "clientMessages": both, "serverMessages": {**both, "other": {"payload": TEXT}}}

    found = endpoint(tmp_path, document)

    assert ["/$defs/Same", "/$defs/ClientOther"] == [one.payload.pointer for one in found.client if one.payload]
    assert ["/$defs/Same", "/$defs/Other"] == [one.payload.pointer for one in found.server if one.payload]
