"""Every engine is told the same by a pattern, or it is refused."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest

from codegen.regex.parser import UnsupportedPattern, parse

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


def test_engines_agree(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {str(at): {"pattern": pattern} for at, pattern in enumerate(PATTERNS)}}
    asked = [(str(at), text) for at in range(len(PATTERNS)) for text in TEXTS]

    found = issues(tmp_path, schema, [json.dumps({name: text}) for name, text in asked])

    linear = jsonschema_rs.RegexOptions()
    judges = [
        jsonschema_rs.validator_for({"pattern": parse(pattern).rust}, pattern_options=linear) for pattern in PATTERNS
    ]
    different = [
        (PATTERNS[int(name)], text, issue)
        for (name, text), issue in zip(asked, found, strict=True)
        if judges[int(name)].is_valid(text) is not (issue is None)
    ]
    assert [] == different


def test_issue_names_the_pattern_as_its_author_wrote_it(tmp_path: Path) -> None:
    for at, pattern in enumerate((r"^.\b/\-$", r"^(a+)+$")):
        (issue,) = issues(tmp_path / str(at), {"pattern": pattern}, ['"no"'])

        assert {"pointer": "", "keyword": "pattern", "expected": pattern} == issue


@pytest.mark.parametrize(
    "pattern", [r"^(a+)+$", r"^(a|a)*$", r"(x+x+)+y", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"^(a?){30}$"]
)
def test_no_text_takes_long(tmp_path: Path, pattern: str) -> None:
    (long, _) = issues(tmp_path, {"pattern": pattern}, [json.dumps("a" * 5000 + "!"), json.dumps("x" * 5000)])

    assert {"pointer": "", "keyword": "pattern", "expected": pattern} == long


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"(?=a)", "what looks ahead or behind takes more than linear time"),
        (r"(?<!a)b", "what looks ahead or behind takes more than linear time"),
        (r"(a)\1", "what refers to a group takes more than linear time"),
        (r"(?<x>a)\k<x>", "what refers to a group takes more than linear time"),
        (r"(?i)a", "(?i is unknown to JavaScript"),
        (r"a{2,1}", "{2,1} wants fewer than it needs"),
        (r"a{,3}", "{ stands where there is nothing to repeat"),
        (r"*a", "* stands where there is nothing to repeat"),
        (r"a++", "+ stands where there is nothing to repeat"),
        (r"^*", "* repeats no character"),
        (r"[z-a]", "a range ends before it begins"),
        (r"[\w-z]", "a range begins or ends with a class of characters"),
        (r"[]", "a set of characters is empty"),
        (r"[a", "it ends too early"),
        (r"(a", "a group is not closed"),
        (r"a)", ") closes nothing"),
        ("\\", "it ends too early"),
        (r"\Z", r"\Z means nothing"),
        (r"\ud800", "U+D800 is no character"),
        (r"\p{Nonsense}", r"\p names no property that all engines know"),
        (r"(?<x>a)(?<x>b)", "two groups are called x"),
        (r"(?:x{1000}){1000}", "the server's engine refuses it, maybe for its size"),
    ],
)
def test_pattern_that_not_every_engine_knows_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(UnsupportedPattern) as caught:
        parse(pattern)

    assert why == str(caught.value)
