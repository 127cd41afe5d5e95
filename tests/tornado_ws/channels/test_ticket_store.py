from __future__ import annotations

import re

from tornado_ws.channels.ticket_store import digest, make_key


def test_keys_are_random_and_safe_in_urls():
    keys = {make_key() for _ in range(100)}

    assert len(keys) == 100
    assert all(re.fullmatch(r"[\w-]{43}", key) for key in keys)


def test_digest_is_sha256_in_hexadecimal():
    assert "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683" == digest("key")


def test_digest_accepts_any_text_of_a_url():
    assert re.fullmatch(r"[0-9a-f]{64}", digest("\ud800"))
