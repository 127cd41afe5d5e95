from __future__ import annotations

import pytest

from tornado_ws.server.near_misses import is_near_miss


@pytest.mark.parametrize(
    ("word", "intended"),
    [
        ("connect", "connect"),
        ("conect", "connect"),
        ("connnect", "connect"),
        ("conmect", "connect"),
        ("cnonect", "connect"),
        ("connec", "connect"),
        ("connects", "connect"),
        ("onnect", "connect"),
        ("xconnect", "connect"),
        ("disconect", "disconnect"),
        ("disconct", "disconnect"),
        ("idsconnetc", "disconnect"),
        ("add", "add"),
    ],
)
def test_misspelled_word_is_a_near_miss(word, intended):
    assert is_near_miss(word, intended)


@pytest.mark.parametrize(
    ("word", "intended"),
    [
        ("reconnect", "connect"),
        ("reconnect", "disconnect"),
        ("story", "history"),
        ("conct", "connect"),
        ("sya", "say"),
        ("ad", "add"),
        ("", "connect"),
        ("connect", "disconnect"),
    ],
)
def test_other_word_is_no_near_miss(word, intended):
    assert not is_near_miss(word, intended)
