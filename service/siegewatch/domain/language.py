"""The languages that items are told apart by, as ISO 639-1 codes."""

ENGLISH = "en"
UNKNOWN = "und"
"""The language of a text without letters, or in other scripts than these languages have (ISO 639-2)."""

_CODES = """
af am ar bg bn ca cs da de el en es et fa fi fr he hi hr hu hy id it ja ka ko lt lv mk mr my ne nl no pl pt ro ru sk sl
so sq sv sw ta th tl tr uk ur vi zh
"""

LANGUAGES = frozenset(_CODES.split())
