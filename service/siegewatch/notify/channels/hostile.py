"""Words that try to ping, format, link or break out, made from a seed: what a feed may bring on its worst day."""

import random
from collections.abc import Sequence

COUNT = 300
SEED = 20260301

_PINGS = (
    "<!channel>",
    "<!here|here>",
    "<@U024BE7LH>",
    "<@&1122>",
    "<#C024BE7LR>",
    "@everyone",
    "@here",
    "@channel",
    "@all",
    "@group",
    "@someone",
    "<at>Desk</at>",
    "<!subteam^S0614TZR7>",
    "/everyone",
    "#breaking",
)
_LINKS = (
    "<http://evil.example|the army>",
    "[the army](http://evil.example)",
    "http://evil.example/?a=1&b=2",
    "www.evil.example",
    "evil.example.com",
    "<a href='http://evil.example'>x</a>",
    "![x](http://evil.example/x.png)",
    "[x]: http://evil.example",
    "<https://evil.example>",
    "mailto:a@evil.example",
    "javascript:alert(1)",
)
_FORMATS = (
    "*bold*",
    "**bold**",
    "_it_",
    "__it__",
    "~~gone~~",
    "`code`",
    "```\ncode\n```",
    "> quote",
    "# head",
    "- list",
    "1. list",
    "||spoiler||",
    ":fire:",
    "<t:1:R>",
    "|a|b|\n|-|-|",
    "<b>x</b>",
    "$x^2$",
    "***",
    "---",
)
_BREAKS = (
    '"',
    "'",
    "\\",
    "\\n",
    '"}],"x":[{"',
    "</script><script>",
    "]]>",
    "<!--",
    "&lt;&amp;&#0;",
    "{{DATE(2020)}}",
    "${x}",
    "{0}",
    "%s%n",
    "\r\nBcc: all@evil.example\r\n",
    "\n.\n",
    "\x00",
    "\x1b[31m",
    "\x07",
    "\x85",
)
_UNSEEN = (
    "\u202e",
    "\u2066",
    "\u200b",
    "\u200d",
    "\ufeff",
    "\u00ad",
    "\u2028",
    "\u2029",
    "\U000e0041",
    "\ufe0f",
    "\u115f",
    "\u3164",
    "\ufff9",
    "\ud800",
    "\uffff",
    "\u034f",
    "\u061c",
)
_WORDS = (
    "army",
    "besieged",
    "Deir al-Zor",
    "الجيش",
    "армия",
    "軍",
    "🔥",
    "Zürich",
    "e\u0301" * 2,
    "a" + "\u0301" * 40,
    "rebels",
    "x" * 400,
    " ",
    "\t\t",
)
_KINDS = (_PINGS, _LINKS, _FORMATS, _BREAKS, _UNSEEN, _WORDS)


def hostile(count: int = COUNT, seed: int = SEED) -> Sequence[str]:
    """So many texts, the same for the same seed: each attack by itself, then several at once, a few very long."""
    chance = random.Random(seed)  # noqa: S311 - nobody has to guess them
    texts = [one for kind in _KINDS for one in kind]
    while len(texts) < count:
        mixed = [chance.choice(chance.choice(_KINDS)) for _ in range(chance.randint(2, 9))]
        texts.append(chance.choice(("", " ")).join(mixed) * (60 if chance.random() < 0.02 else 1))
    return texts[:count]
