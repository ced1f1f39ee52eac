"""Where a request to a partner's address must never go: every special range of IPv4 and IPv6, by name.

The table is explicit because the flags of `ipaddress` are not one: `is_global` calls NAT64, 6to4, multicast
and `fec0::/10` public. Sources: IANA's special-purpose address registries (RFC 6890 and later), IANA's
multicast and global unicast registries, and what cloud providers keep behind public-looking addresses.
"""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from types import MappingProxyType

Address = IPv4Address | IPv6Address

IPV4: Mapping[IPv4Network, str] = MappingProxyType(
    {
        IPv4Network("0.0.0.0/8"): "this network; Linux connects it to itself",
        IPv4Network("10.0.0.0/8"): "private",
        IPv4Network("100.64.0.0/10"): "behind a carrier's NAT",
        IPv4Network("127.0.0.0/8"): "loopback",
        IPv4Network("168.63.129.16/32"): "Azure's host",
        IPv4Network("169.254.0.0/16"): "link-local; the metadata of clouds",
        IPv4Network("172.16.0.0/12"): "private",
        IPv4Network("192.0.0.0/24"): "protocol assignments; Oracle's metadata",
        IPv4Network("192.0.2.0/24"): "documentation",
        IPv4Network("192.31.196.0/24"): "AS112",
        IPv4Network("192.52.193.0/24"): "multicast tunnels",
        IPv4Network("192.88.99.0/24"): "6to4 relays",
        IPv4Network("192.168.0.0/16"): "private",
        IPv4Network("192.175.48.0/24"): "AS112",
        IPv4Network("198.18.0.0/15"): "benchmarks",
        IPv4Network("198.51.100.0/24"): "documentation",
        IPv4Network("203.0.113.0/24"): "documentation",
        IPv4Network("224.0.0.0/4"): "multicast",
        IPv4Network("240.0.0.0/4"): "reserved, and broadcast",
    }
)

UNICAST = IPv6Network("2000::/3")
"""The only IPv6 space from which public addresses are given; all else is special, whatever it is for."""

IPV6: Mapping[IPv6Network, str] = MappingProxyType(
    {
        IPv6Network("::/8"): "unspecified, loopback, IPv4 in IPv6",
        IPv6Network("64:ff9b::/96"): "NAT64: any IPv4 address",
        IPv6Network("64:ff9b:1::/48"): "NAT64 of a site",
        IPv6Network("100::/64"): "discarded",
        IPv6Network("2001::/23"): "protocol assignments: Teredo, ORCHID, benchmarks",
        IPv6Network("2001:db8::/32"): "documentation",
        IPv6Network("2002::/16"): "6to4: any IPv4 address",
        IPv6Network("2620:4f:8000::/48"): "AS112",
        IPv6Network("3ffe::/16"): "the 6bone of old",
        IPv6Network("3fff::/20"): "documentation",
        IPv6Network("5f00::/16"): "segment routing",
        IPv6Network("fc00::/7"): "private; the metadata of AWS",
        IPv6Network("fe80::/10"): "link-local",
        IPv6Network("fec0::/10"): "site-local of old",
        IPv6Network("ff00::/8"): "multicast",
    }
)

LOOPBACK: tuple[IPv4Network | IPv6Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
"""What the development switch allows, and nothing else."""


def special(text: str) -> str | None:
    """What the range of an address is for, where nobody's public server can stand there; else None.

    Raises ValueError where the text is no address in canonical form.
    """
    address = ip_address(text)
    if isinstance(address, IPv4Address):
        return next((purpose for network, purpose in IPV4.items() if address in network), None)
    for network, purpose in IPV6.items():
        if address in network:
            return purpose
    return None if address in UNICAST else "not given to anybody"


def is_loopback(text: str) -> bool:
    """Whether an address is this machine's own. Raises ValueError."""
    address = ip_address(text)
    return any(address in network for network in LOOPBACK if network.version == address.version)
