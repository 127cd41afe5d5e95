"""Expiry of notes in memory; test_delivery_store.py tests the rest."""

from __future__ import annotations

import pytest

from tests.support.clock import Clock
from tornado_ws.channels.delivery_store import NOTE_SECONDS, DeliveryOutcome, DeliveryState
from tornado_ws.channels.memory_deliveries import MemoryDeliveryStore

NEW, RUNNING = DeliveryState.NEW, DeliveryState.RUNNING


@pytest.mark.gen_test
async def test_outcome_expires_and_a_running_method_does_not():
    clock = Clock()
    store = MemoryDeliveryStore(clock=clock)
    await store.begin("long")
    await store.begin("short")
    store.finish("short", DeliveryOutcome(), limit=10)

    clock.now += NOTE_SECONDS - 1
    assert DeliveryOutcome() == await store.begin("short")
    assert len(store) == 2
    clock.now += 1
    assert len(store) == 1
    assert NEW is await store.begin("short")
    assert RUNNING is await store.begin("long")


@pytest.mark.gen_test
async def test_abandoned_message_begins_again():
    store = MemoryDeliveryStore()
    await store.begin("a")

    store.abandon("a")

    assert not store.is_running("a")
    assert NEW is await store.begin("a")


@pytest.mark.gen_test
async def test_closed_store_is_empty():
    store = MemoryDeliveryStore()
    await store.begin("a")
    await store.begin("b")
    store.finish("b", DeliveryOutcome(), limit=10)

    store.close()

    assert len(store) == 0
