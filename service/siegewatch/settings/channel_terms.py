"""What the channels that are installed say of addresses, secrets and options, asked before any alert is sent."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint

from siegewatch.domain.delivery import ChannelSpec
from siegewatch.domain.errors import Fault
from siegewatch.settings.complaints import meant, quoted
from siegewatch.settings.document import Document, Path, shown_key
from siegewatch.settings.sources import LOCAL, fits, placed

_WEB = ("http", "https")


@dataclass(frozen=True, slots=True)
class ChannelTerms:
    """What a channel takes: an address of these schemes (`address` where none is written; without schemes any, which
    `check` judges, and of which even the host may be secret), whether it is off without one or without a secret (`off`
    where that is not so simple), options of these names, and what else it asks of a spec."""

    needs_url: bool
    needs_secret: bool
    address: str
    schemes: tuple[str, ...]
    options: tuple[str, ...]
    check: Callable[[ChannelSpec], Sequence[str]]
    off: Callable[[ChannelSpec], str | None] | None = None

    def why_off(self, spec: ChannelSpec) -> str | None:
        """What is empty without which the channel is off; None where it is on."""
        if self.off:
            return self.off(spec)
        if self.needs_url and not spec.url:
            return "its url is empty"
        return "its secret is empty" if self.needs_secret and not spec.secret else None


def terms_of(made: object) -> ChannelTerms:
    """What the class says of itself; one that says no more than `needs_url` takes web addresses and no options."""
    return ChannelTerms(
        needs_url=getattr(made, "needs_url", True),
        needs_secret=getattr(made, "needs_secret", False),
        address=getattr(made, "address", ""),
        schemes=getattr(made, "schemes", _WEB),
        options=getattr(made, "options", ()),
        check=getattr(made, "check", _without_complaint),
        off=getattr(made, "why_off", None),
    )


def type_faults(
    document: Document, channels: Mapping[Path, ChannelSpec], types: Mapping[str, EntryPoint]
) -> Iterator[Fault]:
    """What is wrong with channels in the eyes of their types, and types that are not there or not fit."""
    for path, spec in channels.items():
        where = (*path, "type")
        if spec.type not in types:
            yield document.fault(where, f"type{quoted(document, where)} is not installed", meant(spec.type, types))
            continue
        try:
            terms = terms_of(types[spec.type].load())
        except (ImportError, AttributeError) as error:
            what = f"type{quoted(document, where)} cannot be imported ({error})"
            yield document.fault(where, what, "install its package anew, or name another type")
            continue
        if not any(known[: len(path)] == path for known in document.faulty):
            yield from (placed(document, path, key, told) for key, told in misfits(spec, terms))


def misfits(spec: ChannelSpec, terms: ChannelTerms) -> Iterator[tuple[str, str]]:
    """What its type finds wrong with a channel: the key, as `options.chat`, and the fault in words. No value is told:
    addresses, secrets and options may be secret. One that is off needs none of them yet."""
    unknown = [name for name in spec.options if name not in terms.options]
    none = "" if terms.options else f"remove it: type {spec.type} takes no options"
    for name in unknown:
        yield f"options.{name}", f"unknown key {shown_key(name)}, {meant(name, terms.options, none)}"
    if spec.url and terms.schemes and not any(fits(spec.url, (scheme,)) for scheme in terms.schemes):
        scheme = terms.schemes[-1]
        usual = "file:///path, with %20 for a space" if scheme == LOCAL else f"{scheme}://host/path"
        yield "url", f"url is no {' or '.join(terms.schemes)} address, write {usual}"
    elif not unknown and terms.why_off(spec) is None:
        yield from ((told.partition(" ")[0], told) for told in terms.check(spec))


def _without_complaint(_: ChannelSpec) -> Sequence[str]:
    return ()
