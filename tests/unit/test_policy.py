"""Which addresses may be reached."""

from ipaddress import ip_network

import pytest

from siegewatch.net.policy import AddressPolicy

REFUSED = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.251",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001:0:53aa:64c::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "4000::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", REFUSED)
def test_policy_refuses_what_is_not_the_public_internet(address: str) -> None:
    assert AddressPolicy().refusal(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00::1"]
)
def test_policy_permits_public_addresses(address: str) -> None:
    assert AddressPolicy().refusal(address) is None


@pytest.mark.parametrize("address", REFUSED)
def test_policy_permits_anything_inside_allow(address: str) -> None:
    bare = address.partition("%")[0]
    assert AddressPolicy((ip_network(bare),)).refusal(address) is None


def test_policy_lets_a_mapped_address_in_where_its_ipv4_address_is_allowed() -> None:
    policy = AddressPolicy((ip_network("10.0.0.0/8"),))
    assert policy.refusal("::ffff:10.0.0.1") is None
    assert policy.refusal("::ffff:11.0.0.1")


def test_policy_says_which_address_and_why() -> None:
    assert AddressPolicy().refusal("127.0.0.1") == "127.0.0.1 is loopback"


def test_policy_without_public_permits_allowed_addresses_alone() -> None:
    policy = AddressPolicy((ip_network("10.0.0.0/8"),), public=False)
    assert policy.refusal("10.0.0.1") is None
    assert "https" in (policy.refusal("8.8.8.8") or "")


def test_policy_widened_keeps_what_it_had() -> None:
    policy = AddressPolicy((ip_network("10.0.0.0/8"),)).also((ip_network("192.168.0.0/16"),))
    assert policy.refusal("10.0.0.1") is None
    assert policy.refusal("192.168.0.1") is None
    assert policy.refusal("172.16.0.1")
