"""URLs by which partners' webhooks have been led where they must not go. `{port}` is the canary's.

Gathered from what published SSRF filters were passed by: ranges that are forgotten, notations that libc reads
and filters do not, authorities that parsers read differently, names that answer with an inner address.
"""

from collections.abc import Mapping
from types import MappingProxyType

ADDRESSES = (
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.254"),
    *("127.0.0.1", "127.1.2.3", "127.255.255.254", "168.63.129.16", "169.254.169.254", "169.254.170.2"),
    *(
        "172.16.0.1",
        "172.31.255.254",
        "192.0.0.1",
        "192.0.0.192",
        "192.0.2.1",
        "192.31.196.1",
        "192.52.193.1",
    ),
    *("192.88.99.1", "192.88.99.3", "192.168.0.1", "192.168.255.254", "192.175.48.1", "198.18.0.1"),
    *("198.19.255.254", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1"),
    *("255.255.255.255", "[::]", "[::1]", "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    *("[::ffff:0:127.0.0.1]", "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]", "[64:ff9b::127.0.0.1]"),
    *("[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]", "[100::1]", "[2001::1]", "[2001:0:7f00:1::]", "[2001:2::1]"),
    *("[2001:10::1]", "[2001:20::1]", "[2001:db8::1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::]"),
    *(
        "[2620:4f:8000::1]",
        "[3ffe::1]",
        "[3fff::1]",
        "[4000::1]",
        "[5f00::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
    ),
    *("[fe80::1]", "[fec0::1]", "[ff02::1]", "[ff05::1:3]", "[ffff::1]", "[0:0:0:0:0:0:0:1]"),
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
)

NOTATIONS = (
    *("0", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0x7f.0.0.1", "0X7F.0X0.0X0.0X1"),
    *("017700000001", "0177.0.0.1", "0177.1", "00000177.0.0.1", "127.0.0.01", "127.000.000.001"),
    *(
        "0x7f.0.0x0.01",
        "127.0.0.1.",
        "127.0.0.1..",
        "①②⑦.⓪.⓪.①",
        "１２７.０.０.１",
        "127。0。0。1",
        "127．0．0．1",
    ),
    *(
        "127%2e0%2e0%2e1",
        "%31%32%37.0.0.1",
        "0x0",
        "00",
        "0.0",
        "::1",
        "[::1%25lo]",
        "[::1%lo]",
        "[127.0.0.1]",
    ),
    *(
        "[::ffff:127.1]",
        "[0x7f000001]",
        "[v1.fe80]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "localhost.localdomain",
    ),
    *(
        "hooks.localhost",
        "ip6-localhost",
        "printer.local",
        "metadata.google.internal",
        "intranet",
        "router.lan",
    ),
    *(
        "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
        "loc\u00adalhost",
        "localhost\u3002",
        "localhoſt",
        "a" * 64 + ".example",
        "-a.example",
        "a..b.example",
    ),
)

WHOLE = (
    "https://partner.example@127.0.0.1:{port}/",
    "https://127.0.0.1:{port}@partner.example/",
    "https://partner.example:443@127.0.0.1:{port}/",
    "https://user:word@partner.example:{port}/",
    "https://127.0.0.1:{port}#@partner.example/",
    "https://127.0.0.1:{port}?@partner.example/",
    "https://127.0.0.1:{port}\\@partner.example/",
    "https://partner.example\\@127.0.0.1:{port}/",
    "https:\\\\127.0.0.1:{port}/",
    "https:/127.0.0.1:{port}/",
    "https:127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "https:///127.0.0.1:{port}/",
    "http://127.0.0.1:{port}/",
    "HTTP://127.0.0.1:{port}/",
    "http://partner.example:{port}/",
    "ftp://127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/_POST",
    "file:///etc/passwd",
    "dict://127.0.0.1:{port}/",
    "jar:https://127.0.0.1:{port}!/",
    "https://127.0.0.1\t:{port}/",
    "https://127.0.0.1\r\n:{port}/",
    "https://127.0.0.1\0:{port}/",
    " https://127.0.0.1:{port}/",
    "https://127.0.0.1 :{port}/",
    "https://127.0.0.1:{port} /",
    "https://partner.example:{port}/\r\nHost: 127.0.0.1",
    "https://partner.example:{port}/ HTTP/1.1\r\nX: y",
    "https://partner.example:{port}:443/",
    "https://partner.example:22/",
    "https://partner.example:0/",
    "https://partner.example:99999/",
    "https://partner.example:+443/",
    "https://partner.example:４４３/",
    "https://[::1/",
    "https://::1]:{port}/",
    "https://[::1]:{port}:443/",
    "https://",
    "https://:{port}/",
    "",
    "https://partner.example:{port}/" + "a" * 2_048,
)

NAMES: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        "inner.partner.example": (("127.0.0.1",),),
        "inner6.partner.example": (("::1",),),
        "mapped.partner.example": (("::ffff:127.0.0.1",),),
        "metadata.partner.example": (("169.254.169.254",),),
        "zero.partner.example": (("0.0.0.0",),),
        "mixed.partner.example": (("198.41.0.4", "127.0.0.1"),),
        "mixed-first.partner.example": (("127.0.0.1", "198.41.0.4"),),
        "scoped.partner.example": (("fe80::1%lo",),),
        "nat64.partner.example": (("64:ff9b::7f00:1",),),
        "rebinds.partner.example": (("198.41.0.4",), ("127.0.0.1",)),
        "rebinds6.partner.example": (("2606:4700::1111",), ("::1",)),
        "rebinds-back.partner.example": (("127.0.0.1",), ("198.41.0.4",)),
        "nonsense.partner.example": (("not an address",),),
        "odd.partner.example": (("127.1",),),
    }
)
"""What these names answer, look-up after look-up; the last answer is repeated."""


def hostile_urls(port: int) -> list[str]:
    """Every URL, led to a port."""
    return [
        *(f"https://{host}:{port}/" for host in (*ADDRESSES, *NOTATIONS, *NAMES)),
        *(url.replace("{port}", str(port)) for url in WHOLE),
    ]
