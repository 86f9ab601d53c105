"""The tests stay on this machine."""

import socket

import pytest

from tests.support.network import OutsideWorld


def test_a_name_outside_cannot_be_looked_up() -> None:
    with pytest.raises(OutsideWorld):
        socket.create_connection(("example.com", 443), timeout=1)


def test_an_address_outside_cannot_be_reached() -> None:
    with pytest.raises(OutsideWorld), socket.socket() as plug:
        plug.connect(("192.0.2.1", 443))
