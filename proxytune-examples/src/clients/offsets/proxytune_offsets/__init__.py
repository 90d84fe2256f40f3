"""Offsets of ProxyTune's experts for a base that another program runs. See OFFSETS.md."""

from .client import OffsetClient, OffsetError, fingerprint

__all__ = ["OffsetClient", "OffsetError", "fingerprint"]
