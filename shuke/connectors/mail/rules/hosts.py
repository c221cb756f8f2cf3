"""Which machines a shop's mail settings may make Shuke connect to."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("2002::/16"))
Address = IPv4Address | IPv6Address


class HostRefused(ValueError):
    """The host stands where mail settings may not reach."""


@dataclass(frozen=True)
class Near:
    """What the house allows beside public addresses."""

    allows_private: bool = False
    allows_loopback: bool = False


def _plain(text: str) -> Address:
    address = ip_address(text.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def is_loopback(text: str) -> bool:
    """Whether the address is this machine."""
    return _plain(text).is_loopback


def may_connect(text: str, near: Near) -> bool:
    """Whether a resolved address may be connected to. Link-local ones (where clouds keep their keys) never."""
    address = _plain(text)
    if address.is_loopback:
        return near.allows_loopback
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if any(address in network for network in _TRANSLATED if network.version == address.version):
        return False
    if address.is_global:
        return True
    return address.is_private and not address.is_reserved and near.allows_private


def may_go_plain(text: str) -> bool:
    """Whether words may go unencrypted to this address: on one's own machine only."""
    return is_loopback(text)
