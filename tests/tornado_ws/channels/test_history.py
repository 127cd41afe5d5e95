from __future__ import annotations

from tornado_ws.channels.history import with_seq


def test_frame_with_a_sequence_number_begins_with_it():
    assert b'{"seq":42,"type":"said","data":1}' == with_seq(b'{"type":"said","data":1}', 42)
