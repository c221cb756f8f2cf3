"""熟客 Shuke: a self-hosted customer system that turns buyers into regulars."""

__version__ = "0.1.0"
