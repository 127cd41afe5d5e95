"""Names that generated code uses."""

from __future__ import annotations

from codegen.emit.python.packages import used_names


def test_names_in_code_and_in_types_that_are_texts_are_found() -> None:
    blocks = ['"""uuid.UUID"""\nA = list[uuid.UUID]', "B = list['datetime.date']", '"""typing.Any"""']

    assert {"uuid", "datetime"} == used_names(blocks, ("uuid", "datetime", "typing", "msgspec"))


def test_name_that_is_only_part_of_another_is_not_used() -> None:
    assert not used_names(["my_uuid = 1"], ("uuid",))
    assert {"uuid"} == used_names(["my_uuid = 1", "uuid.UUID"], ("uuid",))
