"""Characters that no reader sees."""

UNSEEN = (
    "\x00-\x08\x0b\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e0fff"
)
"""The inside of a character class: control characters but for white space, soft hyphens, zero-width and bidirectional
marks, lone surrogates, annotation marks, tag characters and non-characters."""
