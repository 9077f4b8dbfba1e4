"""Where a broker is, and how long to wait for it."""

from __future__ import annotations

import pytest

from wire.address import Address
from wire.backoff import Backoff


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("mqtt://broker.local:1884", Address("broker.local", 1884)),
        ("mqtt://broker.local", Address("broker.local", 1883)),
        ("127.0.0.1:1884", Address("127.0.0.1", 1884)),
        ("mqtt://[::1]:1884", Address("::1", 1884)),
        ("mqtt://a:1884,b,[::1]:1", Address("a", 1884, (("b", 1883), ("::1", 1)))),
    ],
)
def test_an_address_is_read(url: str, address: Address) -> None:
    assert Address.parse(url) == address


@pytest.mark.parametrize(
    "url",
    ["", "http://broker", "mqtt://", "mqtt://broker:port", "mqtt://broker:70000", "mqtt://a,", "mqtt://a/b", "://a"],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"mqtt://HOST:PORT|[Pp]ort"):
        Address.parse(url)


def test_each_attempt_takes_the_next_server_of_a_cluster() -> None:
    address = Address.parse("mqtt://a:1,b:2,c:3")

    assert [address.next() for _ in range(4)] == [("a", 1), ("b", 2), ("c", 3), ("a", 1)]
    assert str(address) == "mqtt://a:1,b:2,c:3"


def test_the_wait_doubles_up_to_its_most_and_starts_over_after_a_success() -> None:
    backoff = Backoff(0.2, 1.0)

    assert [backoff.next() for _ in range(5)] == [0.2, 0.4, 0.8, 1.0, 1.0]
    backoff.reset()
    assert backoff.next() == 0.2
