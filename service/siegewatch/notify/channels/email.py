"""Mail by SMTP: plain text and HTML beside each other, a thread for each story (RFC 5322, RFC 3834)."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import blake2b
from html import escape
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from siegewatch.domain.delivery import Accepted, ChannelSpec, Message, Rejected, Retry, Verdict
from siegewatch.domain.errors import FetchError
from siegewatch.domain.taxonomy import Severity
from siegewatch.net.door import Door
from siegewatch.net.mail import PORTS, MailServer, Reply, hand_in
from siegewatch.net.redact import scrub
from siegewatch.notify.channels.base import LIMITS, UNSENT, Capacity, secrets_of, shown, utc_now
from siegewatch.notify.digest import LINE_LIMIT, Line, Section, within
from siegewatch.notify.layout import Markup, facts, laid_out, links, said
from siegewatch.notify.quotes import Quote
from siegewatch.notify.render import Words, words
from siegewatch.notify.text import cut, inert

SUBJECT_LIMIT = 200
TEXT_LIMIT = 20_000
LINK_LIMIT = 2_000
_QUOTES_SHOWN = 20
_OUTLET_LIMIT = 60
_TABLE_LIMIT = 80_000
"""Of HTML: Gmail clips a page of more than 102 KB."""

_CELL = "border-bottom:1px solid #eaecf0;padding:4px 8px 4px 0;vertical-align:top"
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_BUSY = range(400, 500)
_DENIED = frozenset({530, 534, 535, 538})
"""Who we are is not believed: for the operator to put right, so that it is tried again."""


class EmailChannel:
    """One mail to all recipients. A server that refuses it for good (5xx) makes a dead letter, one that is busy (4xx)
    is asked again."""

    needs_url = True
    schemes: ClassVar = ("smtp", "smtps")
    options: ClassVar = ("from", "to")
    capacity = Capacity(text=TEXT_LIMIT, title=SUBJECT_LIMIT)
    example: ClassVar = ChannelSpec(
        "example", "email", "smtps://desk%40example.org@mail.example.org", "example-password-0",
        {"from": "siegewatch@example.org", "to": "desk@example.org, night@example.org"},
    )  # fmt: skip

    def __init__(self, spec: ChannelSpec, door: Door, clock: Callable[[], datetime] = utc_now) -> None:
        self._spec = spec
        self._door = door
        self._clock = clock

    @staticmethod
    def check(spec: ChannelSpec) -> Sequence[str]:
        """Sender and recipients by their form."""
        found = []
        if not _ADDRESS.fullmatch(spec.options.get("from", "")):
            found.append("options.from is no address, write siegewatch@example.org")
        recipients = _recipients(spec)
        if not recipients or not all(map(_ADDRESS.fullmatch, recipients)):
            found.append("options.to is no list of addresses, write desk@example.org, night@example.org")
        if spec.secret and not urlsplit(spec.url).username:
            found.append("url names no user though there is a secret, write smtps://user@host with @ in user as %40")
        return found

    def send(self, message: Message) -> Verdict:
        """One attempt."""
        mail = self.mail(message)
        sender, to = self._spec.options["from"], _recipients(self._spec)
        try:
            reply = hand_in(self._door, server_of(self._spec), sender, to, mail, LIMITS)
        except FetchError as error:
            return Retry(scrub(str(error), secrets_of(self._spec)), unsent=isinstance(error, UNSENT))
        return _verdict(reply, self._spec)

    def mail(self, message: Message) -> EmailMessage:
        """The whole of it. Its id is the delivery's, so that a mail sent twice is shown once."""
        told, options = words(message), self._spec.options
        host = options["from"].partition("@")[2]
        mail = EmailMessage(policy=SMTP)
        mail["Subject"] = cut(told.headline, SUBJECT_LIMIT)
        mail["From"] = Address("siegewatch", addr_spec=options["from"])
        mail["To"] = [Address(addr_spec=address) for address in _recipients(self._spec)]
        mail["Date"] = format_datetime(self._clock())
        mail["Message-ID"] = f"<{_word(message.id)}@{host}>"
        mail["References"] = f"<{_word(told.thread)}.story@{host}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Siegewatch-Severity"] = str(told.tone)
        if told.tone is Severity.FLASH:
            mail["Importance"] = "high"
        mail.set_content(laid_out(told, TEXT_LIMIT, Markup(inert)), cte="quoted-printable")
        mail.add_alternative(page(told), subtype="html", cte="quoted-printable")
        # The boundary between the parts must not change when the same mail is sent again.
        mail.set_boundary(f"=={blake2b(message.id.encode(), digest_size=12).hexdigest()}")
        return mail


def server_of(spec: ChannelSpec) -> MailServer:
    """The server of an address such as smtps://user@host:465; the secret is the password."""
    parts = urlsplit(spec.url)
    password = spec.secret or unquote(parts.password or "")
    port = parts.port or PORTS[parts.scheme]
    return MailServer(parts.hostname or "", port, parts.scheme == "smtps", unquote(parts.username or ""), password)


def page(told: Words) -> str:
    """The mail as HTML: no picture, nothing fetched, readable where styles are dropped."""
    quoted = "".join(f"<blockquote>{_quoted(quote)}</blockquote>" for quote in told.quotes[:_QUOTES_SHOWN])
    listed = _table(told.sections)
    lines = "".join(f"<li>{_safe(fact)}</li>" for fact in facts(told))
    led = " · ".join(
        f'<a href="{escape(url)}">{escape(label)}</a>' for url, label in links(told) if len(url) <= LINK_LIMIT
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"></head>'
        '<body style="font:16px/1.45 system-ui,sans-serif;max-width:40em;color:#1d2939">'
        f'<h1 style="font-size:20px;margin:0 0 12px">{_safe(told.headline)}</h1>'
        f'{quoted}{listed}<ul style="padding-left:20px">{lines}</ul><p>{led}</p></body></html>'
    )


def _table(told: Sequence[Section]) -> str:
    rows = "".join(map(_table_row, within(told, _TABLE_LIMIT, lambda line: len(_table_row(line)))))
    return f'<table style="border-collapse:collapse;width:100%">{rows}</table>' if rows else ""


def _table_row(line: Line) -> str:
    if line.row is None:
        tag = "th" if line.is_heading else "td"
        return f'<tr><{tag} colspan="3" style="{_CELL};text-align:left">{_safe(line.text)}</{tag}></tr>'
    row = line.row
    what = _safe(cut(row.line, LINE_LIMIT))
    led = f'<a href="{escape(row.link)}">{what}</a>' if row.link and len(row.link) <= LINK_LIMIT else what
    cells = (f'<span style="white-space:nowrap">{_safe(row.at)}</span>', led, _safe(cut(row.outlet, _OUTLET_LIMIT)))
    columns = "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells)
    return f"<tr>{columns}</tr>"


def _quoted(quote: Quote) -> str:
    return "".join(f"<mark>{_safe(text)}</mark>" if says else _safe(text) for text, says in said(quote))


def _safe(text: str) -> str:
    return escape(inert(cut(text, TEXT_LIMIT)))


def _verdict(reply: Reply, spec: ChannelSpec) -> Verdict:
    told = shown(f"{reply.code} {reply.text}", spec)
    if 200 <= reply.code < 300:
        missed = f"; {reply.refused} recipients refused" if reply.refused else ""
        return Accepted(reply.code, f"{told}{missed}")
    reason = f"answered {told}"
    if reply.code in _BUSY or reply.code in _DENIED:
        return Retry(reason, reply.code, unsent=True)
    return Rejected(reason, reply.code)


def _recipients(spec: ChannelSpec) -> list[str]:
    return [address.strip() for address in spec.options.get("to", "").split(",") if address.strip()]


def _word(text: str) -> str:
    """A text as part of a message id, which holds no space."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text)
