"""Potash: screening of hosts and electrolytes for potassium-metal batteries."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("potash")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"

__all__ = ["__version__"]
