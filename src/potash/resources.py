"""Where Potash finds its own data files: in a checkout, else inside the wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent.parent


def in_checkout() -> bool:
    """Tell whether this Potash runs from its sources, where its Makefile is at hand."""
    return (_CHECKOUT / "pyproject.toml").is_file()


def data_dir(name: str) -> Path:
    """Return the folder of shipped data called ``name``.

    Parameters
    ----------
    name
        ``structures``, ``molecules``, ``workflows`` or ``results/reference``.

    Raises
    ------
    FileNotFoundError
        If neither the checkout nor the installed package holds it.
    """
    for root in (_CHECKOUT, _PACKAGE / "_bundled"):
        if root == _CHECKOUT and not in_checkout():
            continue
        if (root / name).is_dir():
            return root / name
    raise FileNotFoundError(f"Potash's data folder {name!r} is missing from this installation")
