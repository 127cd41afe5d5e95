from __future__ import annotations

import math
from types import NoneType

import pytest

from tornado_ws.config_checks import (
    require_choice,
    require_function,
    require_instance,
    require_list,
    require_number,
)
from tornado_ws.errors import ConfigurationError


@pytest.mark.parametrize("value", ["raise", "local"])
def test_choice_is_accepted(value):
    require_choice("outage", value, ("raise", "local"))


def test_other_choice_is_rejected():
    with pytest.raises(ConfigurationError, match=r"^outage: expected 'raise' or 'local', got 'fast'$"):
        require_choice("outage", "fast", ("raise", "local"))


def test_instance_of_any_type_is_accepted():
    require_instance("limits", None, (dict, NoneType))
    require_instance("limits", {}, (dict, NoneType))


def test_instance_of_another_type_is_rejected_with_the_names_and_the_hint():
    with pytest.raises(ConfigurationError, match=r"^limits: expected dict or None, got 3; use a dict$"):
        require_instance("limits", 3, (dict, NoneType), hint="use a dict")


def test_value_that_is_not_callable_is_rejected():
    require_function("user", len)
    with pytest.raises(ConfigurationError, match=r"^user: expected a function, got 'ann'$"):
        require_function("user", "ann")


@pytest.mark.parametrize("value", ["127.0.0.1", b"127.0.0.1", 1, {"127.0.0.1"}])
def test_value_that_is_not_a_list_is_rejected(value):
    with pytest.raises(ConfigurationError, match=r"^trusted_proxies: expected a list, got .*; trusted_proxies=\[…\]$"):
        require_list("trusted_proxies", value)


@pytest.mark.parametrize("value", [[], ["a"], ("a",)])
def test_list_or_tuple_is_accepted(value):
    require_list("trusted_proxies", value)


@pytest.mark.parametrize("value", [0, 0.0, 1, 2.5, 10**400])
def test_number_of_at_least_the_minimum_is_accepted(value):
    require_number("timeout", value)


@pytest.mark.parametrize("value", [-1, -0.5, math.nan, math.inf, -math.inf, "1", None, True, 1j])
def test_other_number_is_rejected(value):
    with pytest.raises(ConfigurationError, match=r"^timeout: expected a number of at least 0, got "):
        require_number("timeout", value)


@pytest.mark.parametrize("value", [0, 1.0, 2.5, False])
def test_integer_setting_rejects_floats_and_small_numbers(value):
    with pytest.raises(ConfigurationError, match=r"^streams: expected an integer of at least 1, got "):
        require_number("streams", value, minimum=1, integer=True)


def test_exclusive_minimum_is_rejected():
    require_number("interval", 0.1, exclusive=True)
    with pytest.raises(ConfigurationError, match=r"^interval: expected a number greater than 0, got 0$"):
        require_number("interval", 0, exclusive=True)
