"""Mail against a scripted server on loopback: the same table as for channels over HTTP, in the terms of SMTP."""

import logging
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from ipaddress import ip_network
from typing import Any

import pytest
import trustme
from mail_servers import MailServer, serving_mail

from siegewatch.domain.delivery import Accepted, ChannelSpec, Message, Rejected, Retry, Verdict
from siegewatch.net.door import Door
from siegewatch.notify.channels import email as channel_module
from siegewatch.notify.channels.conformance import findings
from siegewatch.notify.channels.email import EmailChannel
from siegewatch.notify.channels.hostile import hostile
from siegewatch.notify.channels.trial import trial_message
from siegewatch.notify.sample import sample_alert

NOW = datetime(2026, 3, 1, 5, tzinfo=UTC)
PASSWORD = "sEcReT-pass-1"
MESSAGE = Message("msg_m1", sample_alert(NOW), "https://desk.example.org", test=True)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def door(authority: trustme.CA) -> Iterator[Door]:
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    made = Door(allow=[ip_network("127.0.0.0/8")], user_agent="siegewatch/test", tls=trusting)
    yield made
    made.close()


def spec(server: MailServer, scheme: str = "smtp", user: str = "desk@", secret: str = PASSWORD) -> ChannelSpec:
    options = {"from": "siegewatch@example.org", "to": "desk@example.org, night@example.org"}
    return ChannelSpec("mail", "email", f"{scheme}://{user}127.0.0.1:{server.port}", secret, options)


def send(door: Door, server: MailServer, scheme: str = "smtp", message: Message = MESSAGE) -> Verdict:
    return EmailChannel(spec(server, scheme), door, lambda: NOW).send(message)


def read(mail: bytes) -> EmailMessage:
    parsed = message_from_bytes(mail, policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_a_mail_goes_by_starttls_to_all_recipients(door: Door, tls: ssl.SSLContext) -> None:
    with serving_mail(MailServer(tls=tls)) as server:
        verdict = send(door, server)
    assert verdict == Accepted(250, "250 queued as 1")
    commands = [command.split(" ")[0] for command in server.commands]
    assert commands == ["ehlo", "STARTTLS", "ehlo", "AUTH", "mail", "rcpt", "rcpt", "data"]
    assert server.commands[5:7] == ["rcpt TO:<desk@example.org>", "rcpt TO:<night@example.org>"]


def test_a_mail_goes_by_tls_from_the_first_byte(door: Door, tls: ssl.SSLContext) -> None:
    with serving_mail(MailServer(tls=tls, tls_at_once=True)) as server:
        assert isinstance(send(door, server, "smtps"), Accepted)
    assert "STARTTLS" not in server.commands


def test_a_mail_holds_the_same_as_text_and_html(door: Door, tls: ssl.SSLContext) -> None:
    with serving_mail(MailServer(tls=tls)) as server:
        send(door, server)
    mail = read(server.mails[0])
    assert mail["Subject"].startswith("TEST · 🔴 FLASH · Exampleton: Northern army takes Exampleton")
    assert (mail["Message-ID"], mail["References"]) == ("<msg_m1@example.org>", "<test-story.story@example.org>")
    assert (mail["Importance"], mail["Auto-Submitted"]) == ("high", "auto-generated")
    text, page = (part.get_content() for part in mail.iter_parts())
    assert "1 outlet, not verified" in text
    assert "<li>1 outlet, not verified</li>" in page
    assert "<mark>Northern army storms Exampleton</mark>" in page
    assert 'href="https://desk.example.org/api/v1/stories/test-story"' in page


def test_a_mail_sent_again_is_the_same(door: Door, tls: ssl.SSLContext) -> None:
    with serving_mail(MailServer(tls=tls)) as server:
        send(door, server)
        send(door, server)
    assert server.mails[0] == server.mails[1]


ANSWERS: dict[str, tuple[dict[str, str | None], type]] = {
    "busy at the greeting": ({"": "421 later"}, Retry),
    "refused at the greeting": ({"": "554 no"}, Rejected),
    "a password that is not believed": ({"AUTH": "535 who are you"}, Retry),
    "a sender that is refused": ({"MAIL": "553 no"}, Rejected),
    "all recipients unknown": ({"RCPT": "550 no such user"}, Rejected),
    "all recipients busy": ({"RCPT": "450 later"}, Retry),
    "a mail that is too long": ({"DATA.": "552 too long"}, Rejected),
    "a full disk": ({"DATA.": "452 full"}, Retry),
    "an end in the middle": ({"DATA.": None}, Retry),
    "an end before the greeting": ({"": None}, Retry),
    "a greeting that is no SMTP": ({"": "HTTP/1.1 200 OK"}, Retry),
    "words without end": ({"EHLO": "endless"}, Retry),
}


@pytest.mark.parametrize(("says", "kind"), ANSWERS.values(), ids=ANSWERS)
def test_a_mail_comes_to_what_the_server_says(
    door: Door, tls: ssl.SSLContext, says: dict[str, str | None], kind: type
) -> None:
    with serving_mail(MailServer(says, tls)) as server:
        verdict = send(door, server)
    assert isinstance(verdict, kind), verdict
    assert verdict.reason.isprintable()  # type: ignore[union-attr]
    assert len(verdict.reason) < 300  # type: ignore[union-attr]


def test_one_refused_recipient_is_told_and_the_others_have_it(door: Door, tls: ssl.SSLContext) -> None:
    class Picky(MailServer):
        def usual(self, word: str) -> str:
            return "550 no" if word == "RCPT" and "night" in self.commands[-1] else super().usual(word)

    with serving_mail(Picky(tls=tls)) as server:
        assert send(door, server) == Accepted(250, "250 queued as 1; 1 recipients refused")


def test_a_silent_server_is_left_when_the_time_is_up(
    door: Door, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = replace(channel_module.LIMITS, total_seconds=0.5, first_byte_seconds=30)
    monkeypatch.setattr(channel_module, "LIMITS", hasty)
    with serving_mail(MailServer({"EHLO": ""}, tls)) as server:
        assert send(door, server) == Retry("127.0.0.1: no answer in time")


def test_a_server_of_bad_tls_is_given_nothing(tls: ssl.SSLContext) -> None:
    strict = Door(allow=[ip_network("127.0.0.0/8")], user_agent="t")
    for scheme, at_once in (("smtp", False), ("smtps", True)):
        with serving_mail(MailServer(tls=tls, tls_at_once=at_once)) as server:
            verdict = send(strict, server, scheme)
        assert isinstance(verdict, Retry)
        assert "bad certificate" in verdict.reason
        assert not any(command.startswith("AUTH") for command in server.commands)


def test_mail_is_held_to_the_address_policy(tls: ssl.SSLContext) -> None:
    with serving_mail(MailServer(tls=tls)) as server:
        verdict = send(Door(allow=[], user_agent="t"), server)
    assert isinstance(verdict, Retry)
    assert "loopback" in verdict.reason
    assert server.commands == []


def test_mail_goes_unencrypted_only_to_allowed_addresses(monkeypatch: pytest.MonkeyPatch, door: Door) -> None:
    with serving_mail(MailServer(starttls=False)) as server:
        assert isinstance(send(door, server), Accepted)
        monkeypatch.setattr(Door, "allows_plain", lambda *_: False)
        verdict = send(door, server)
    assert isinstance(verdict, Retry)
    assert "offers no STARTTLS" in verdict.reason
    assert len(server.mails) == 1


def test_mail_tells_no_secret(door: Door, tls: ssl.SSLContext, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told = []
    for says in ({"AUTH": f"535 not {PASSWORD}"}, {"MAIL": f"553 {PASSWORD}\x1b[31m"}, {"": None}):
        with serving_mail(MailServer(says, tls)) as server:
            channel = EmailChannel(spec(server), door)
            told += [repr(channel.send(MESSAGE)), repr(channel), repr(vars(channel))]
    everything = "\n".join([*told, *caplog.messages])
    assert PASSWORD not in everything
    assert "\x1b" not in everything


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]


def test_hostile_words_stay_words() -> None:
    channel = EmailChannel(EmailChannel.example, None, lambda: NOW)  # type: ignore[arg-type]
    for text in hostile():
        message = trial_message(text)
        mail = read(channel.mail(message).as_bytes())
        assert set(mail.keys()) <= {
            "Subject", "From", "To", "Date", "Message-ID", "References", "Auto-Submitted", "X-Siegewatch-Severity",
            "Importance", "MIME-Version", "Content-Type",
        }  # fmt: skip
        assert str(mail["To"]) == "desk@example.org, night@example.org"
        [_, page] = mail.iter_parts()
        seen = Links()
        seen.feed(page.get_content())
        assert seen.tags <= {"html", "head", "meta", "body", "h1", "blockquote", "mark", "ul", "li", "p", "a"}
        own = [link for link in seen.links if link.startswith("https://desk.example.org/api/v1/")]
        assert len(own) == 2
        assert all(link.startswith("https://x.example/") for link in set(seen.links) - set(own))


def test_the_channel_conforms_as_far_as_the_suite_goes() -> None:
    assert [one for one in findings(EmailChannel) if one.problem] == []


@pytest.mark.parametrize(
    ("options", "url", "told"),
    [
        ({"to": "a@b.example"}, "smtps://m", "options.from is no address"),
        ({"from": "a@b.example"}, "smtps://m", "options.to is no list of addresses"),
        ({"from": "a@b.example", "to": "x, y"}, "smtps://m", "options.to is no list of addresses"),
        ({"from": "a@b.example\nBcc: c@d.example", "to": "x@y.example"}, "smtps://m", "options.from is no address"),
        ({"from": "a@b.example", "to": "c@d.example"}, "smtps://m", "url names no user though there is a secret"),
    ],
)
def test_what_is_missing_is_told(options: dict[str, str], url: str, told: str) -> None:
    [found] = EmailChannel.check(ChannelSpec("m", "email", url, "s" if "user" in told else "", options))
    assert found.startswith(told)
