"""Keeps the tests on this machine: whoever calls the outside world fails, by name."""

import ipaddress
import os
import sys


class OutsideWorld(Exception):
    """A test tried to reach another machine."""


def stay_home() -> None:
    """Refuse, from now on and for this whole process, every connection that leaves the machine."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
        if isinstance(host, str) and not _is_here(host):
            raise OutsideWorld(f"a test tried to reach {host}")
    elif event == "socket.getaddrinfo" and isinstance(arguments[0], str) and not _is_here(arguments[0]):
        raise OutsideWorld(f"a test asked for the address of {arguments[0]}")


def _is_here(host: str) -> bool:
    if host in {"", "localhost", os.uname().nodename}:
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
