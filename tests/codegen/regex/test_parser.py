"""Patterns that match equally in both engines, and patterns that are rejected."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import jsonschema_rs
import pytest

from codegen.regex.parser import parse
from codegen.regex.syntax_tree import UnsupportedPattern
from tornado_ws.validation.schema_validator import pattern_options, pattern_predicate

from ..support.generated import issues

TEXTS = (
    *("", "a", "b", "ab", "aa", "AB", "é", "éa", "é a", "-", "_", "/", "]", "}", "a]", "a b", "0", "٣", "9a"),
    *(
        "\n",
        "\r",
        "\u2028",
        "\t",
        "\x00",
        "\x01",
        "\x08",
        "\u00a0",
        "\ufeff",
        "\x85",
        "a\n",
        "😀",
        "\u03b1",
        "&",
        "~",
        ".",
    ),
)
PATTERNS = (
    *(r"^.$", r".", r"^\s$", r"^\S+$", r"é\b", r"\ba", r"\B", r"a$", r"^[a&&b]$", r"^[[a]]$", r"^\cA$", r"^\p{L}$"),
    *(r"^\P{L}$", r"^\p{Script=Greek}$", "^\\ud83d\\ude00$", r"^\u{1F600}$", r"\-", r"\_", r"^\0$", r"^[\b]$", r"/"),
    *(r"\/", r"[/]", r"^(?:a|b){2}$", r"^(?<x>a)b?$", r"^\d$", r"^\D$", r"^\w$", r"^\W$", r"^[^\d\s]$", r"^[\]}-]$"),
    *(r"^[+--]$", r"^]$", r"}", "", "()", "a||b", r"^\x41\u0042$", r"^[\t-\r ]$", r"^(a+)+$", r"^(a|a)*b$", r"^~$"),
    *(r"(a*)*$", r"^([ab]|a)+$", r"\.", r"^(?:(?:a?){3}b?){2,}$"),
)

LOOKAHEADS = (
    r"^(?=a)",
    r"^(?!a)",
    r"^(?!^a)",
    r"^(?=.*b)(?!.*a$).",
    r"^(?!(?!a))",
    r"^(?=$|a)",
    r"^(?!a|b$).*$",
    r"^(?![\s\d]).[^a]",
    r"^(?!\\)(?=[^/]*$)\/?",
    r"^(?=(?!aa)a)",
    r"^(?=\p{L})é",
    r"^(?!.)$",
    r"^(?!(a|A)).+$",
    *(pattern for pattern in PATTERNS if pattern == r"^[\b]$" or r"\b" not in pattern.lower()),
)
"""Patterns that one engine matches, because some of them have lookaheads."""


@pytest.mark.parametrize("patterns", [PATTERNS, LOOKAHEADS], ids=["linear", "lookaheads"])
def test_both_engines_match_the_same_texts(tmp_path: Path, patterns: tuple[str, ...]) -> None:
    schema = {"type": "object", "properties": {str(at): {"pattern": pattern} for at, pattern in enumerate(patterns)}}
    cases = [(str(at), text) for at in range(len(patterns)) for text in TEXTS]

    found = issues(tmp_path, schema, [json.dumps({name: text}) for name, text in cases])

    options = pattern_options(*patterns)
    validators = [
        jsonschema_rs.validator_for({"pattern": parse(pattern).rust}, pattern_options=options) for pattern in patterns
    ]
    different = [
        (patterns[int(name)], text, issue)
        for (name, text), issue in zip(cases, found, strict=True)
        if validators[int(name)].is_valid(text) is not (issue is None)
    ]
    assert [] == different


def test_issue_has_the_original_pattern(tmp_path: Path) -> None:
    for at, pattern in enumerate((r"^.\b/\-$", r"^(a+)+$")):
        (issue,) = issues(tmp_path / str(at), {"pattern": pattern}, ['"no"'])

        assert {"pointer": "", "keyword": "pattern", "expected": pattern} == issue


@pytest.mark.parametrize(
    "pattern", [r"^(a+)+$", r"^(a|a)*$", r"(x+x+)+y", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"^(a?){30}$"]
)
def test_ambiguous_pattern_is_matched_in_linear_time(tmp_path: Path, pattern: str) -> None:
    (long, _) = issues(tmp_path, {"pattern": pattern}, [json.dumps("a" * 5000 + "!"), json.dumps("x" * 5000)])

    assert {"pointer": "", "keyword": "pattern", "expected": pattern} == long


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"(?=a)", "(?=a) is not at the start of the pattern, so that it could need more than linear time"),
        (r"^(?!a)b(?!c)", "(?!c) is not at the start of the pattern, so that it could need more than linear time"),
        (r"^((?!a).)*", "(?!a) is not at the start of the pattern, so that it could need more than linear time"),
        (r"^(?:(?!a).)", "(?!a) is not at the start of the pattern, so that it could need more than linear time"),
        (r"^(?=\ba)", r"\b beside a lookahead"),
        (r"^(?=a)*", "nothing to repeat before *"),
        (r"^(?=a", "unterminated group"),
        (r"(?<!a)b", "lookbehind is not supported, as it needs more than linear time"),
        (r"(a)\1", "backreferences are not supported, as they need more than linear time"),
        (r"(?<x>a)\k<x>", "backreferences are not supported, as they need more than linear time"),
        (r"(?i)a", "(?i is not supported by JavaScript"),
        (r"a{2,1}", "minimum exceeds maximum in {2,1}"),
        (r"a{,3}", "nothing to repeat before {"),
        (r"*a", "nothing to repeat before *"),
        (r"a++", "nothing to repeat before +"),
        (r"^*", "nothing to repeat before *"),
        (r"[z-a]", "a range ends before its start"),
        (r"[\w-z]", "a range cannot start or end with a character class"),
        (r"[]", "empty character class"),
        (r"[a", "unexpected end"),
        (r"(a", "unterminated group"),
        (r"a)", "unmatched )"),
        ("\\", "unexpected end"),
        (r"\Z", r"unknown escape \Z"),
        (r"\ud800", "U+D800 is not a character"),
        (r"\p{Nonsense}", r"unsupported Unicode property after \p"),
        (r"(?<x>a)(?<x>b)", "duplicate group name x"),
        (r"(?:x{1000}){1000}", "rejected by the engine of the server, possibly because of its size"),
    ],
)
def test_unsupported_pattern_is_rejected(pattern: str, reason: str) -> None:
    with pytest.raises(UnsupportedPattern) as caught:
        parse(pattern)

    assert reason == str(caught.value)


@pytest.mark.parametrize(
    "pattern", [r"^(?=.*\d)(?=.*[a-z])(?!.*--)[a-z0-9-]{8,}$", r"^(?!.*\.(svg|png)$).*$", r"^(?!(?!a).*b)"]
)
@pytest.mark.parametrize("text", ["a" * 1_000_000, "-a" * 500_000 + ".svg", "1" + "a" * 1_000_000 + "--"])
def test_lookaheads_are_matched_in_linear_time_by_the_server(pattern: str, text: str) -> None:
    matches = pattern_predicate(parse(pattern).rust)
    start = time.process_time()

    expected = re.search(pattern, text) is not None

    assert expected is matches(text)
    assert time.process_time() - start < 1
