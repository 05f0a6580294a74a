"""Which addresses a request may reach. Pure: an address in, a reason or None out."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network

_REFUSED: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), word)
    for network, word in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared (carrier-grade NAT)"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "a cloud metadata service"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "reserved (documentation)"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "reserved (benchmarking)"),
        ("198.51.100.0/24", "reserved (documentation)"),
        ("203.0.113.0/24", "reserved (documentation)"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::1/128", "loopback"),
        ("::/128", "unspecified"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("::/96", "IPv4-compatible"),
        ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "NAT64"),
        ("2001::/32", "Teredo"),
        ("2001::/23", "reserved (protocol assignments)"),
        ("2001:db8::/32", "reserved (documentation)"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "reserved (documentation)"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "private"),
        ("ff00::/8", "multicast"),
    )
)
"""The IANA special-purpose registries (RFC 6890 and its updates), and what stands for an IPv4 address inside an
IPv6 one: through those, a private address can be reached under another name. First match names the reason."""

_GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that IANA has given out of IPv6 for the public internet; the rest is reserved (RFC 4291)."""


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """`allow` may be reached whatever it is; the rest of the public internet only where `public` says so."""

    allow: tuple[Network, ...] = ()
    public: bool = True

    def also(self, allow: Sequence[Network]) -> "AddressPolicy":
        """This policy with more networks allowed."""
        return AddressPolicy((*self.allow, *allow), self.public) if allow else self

    def refusal(self, address: str) -> str | None:
        """Why `address` (as the resolver gave it) may not be reached; None if it may."""
        parsed = ip_address(address)
        # An IPv4-mapped address reaches its IPv4 address, so permission for that one is enough.
        inner = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
        if any(parsed in network or (inner is not None and inner in network) for network in self.allow):
            return None
        for network, word in _REFUSED:
            if parsed in network:
                return f"{parsed} is {word}"
        if isinstance(parsed, IPv6Address) and parsed not in _GLOBAL_UNICAST:
            return f"{parsed} is reserved"
        return None if self.public else f"{parsed} is public, where plain http may send nothing: use https"
