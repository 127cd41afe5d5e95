"""Endpoints: what a generated module states about one protocol."""

from __future__ import annotations

import dataclasses

from tornado_ws.endpoint import Endpoint

from .shop import SHOP


def test_contract_changes_with_the_schema() -> None:
    other = dataclasses.replace(SHOP, schema=SHOP.schema.replace('"maxLength": 10', '"maxLength": 11'), contract="")

    assert other.contract != SHOP.contract


def test_contract_changes_with_the_messages() -> None:
    other = dataclasses.replace(SHOP, client=SHOP.client[:-1], contract="")

    assert other.contract != SHOP.contract


def test_contract_stays_with_the_policies() -> None:
    volatile = tuple(dataclasses.replace(message, volatile=True) for message in SHOP.server)
    other = dataclasses.replace(SHOP, server=volatile, contract="")

    assert other.contract == SHOP.contract


def test_a_stated_contract_is_kept() -> None:
    assert (
        Endpoint(name="it", kind="ephemeral", client=(), server=(), schema="{}", contract="c0ffee").contract == "c0ffee"
    )
