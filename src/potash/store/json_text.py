"""JSON objects that stay text until they are looked at."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Any

from potash.errors import StoreError

_PAGES_KEPT = 16


class JsonText(Mapping[str, Any]):
    """A JSON object kept as its text, a tenth of its data's memory.

    Parameters
    ----------
    text
        The JSON.

    Examples
    --------
    >>> values = JsonText('{"homo_ev": -10.5}')
    >>> values["homo_ev"], dict(values)
    (-10.5, {'homo_ev': -10.5})
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    @property
    def text(self) -> str:
        """The JSON."""
        return self._text

    def _data(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self.text)
        return data

    def __getitem__(self, name: str) -> Any:
        return self._data()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data())

    def __len__(self) -> int:
        return len(self._data())

    # Those of Mapping would decode the text once for every name.
    def keys(self) -> KeysView[str]:
        """Return the names."""
        return self._data().keys()

    def values(self) -> ValuesView[Any]:
        """Return the values."""
        return self._data().values()

    def items(self) -> ItemsView[str, Any]:
        """Return names and values."""
        return self._data().items()

    def __repr__(self) -> str:
        return repr(self._data())

    def __reduce__(self) -> tuple[type[JsonText], tuple[str]]:
        return JsonText, (self.text,)


class FetchedText(JsonText):
    """A JSON object that is fetched, with those of its page, each time it is looked at.

    Parameters
    ----------
    page
        Of rows that are fetched together.
    key, column
        Of the row, and which of its columns.
    """

    __slots__ = ("_column", "_key", "_page")

    def __init__(self, page: Page, key: str, column: str) -> None:
        self._page, self._key, self._column = page, key, column

    @property
    def text(self) -> str:
        """The JSON."""
        found = self._page.texts().get(self._key)
        if found is None:
            raise StoreError(f"row {self._key[:12]} of a store was damaged or removed meanwhile")
        return found[self._column]


Texts = Mapping[str, Mapping[str, str]]
"""Key of a row to column to text."""


class Page:
    """Keys of rows whose large columns are fetched together, and the cache that keeps them."""

    __slots__ = ("_cache", "keys")

    def __init__(self, keys: tuple[str, ...], cache: PageCache) -> None:
        self.keys, self._cache = keys, cache

    def texts(self) -> Texts:
        """Return the texts of all rows of the page."""
        return self._cache.texts(self)


class PageCache:
    """The pages that were looked at last; safe to use from several threads.

    Parameters
    ----------
    fetch
        Returns the texts of the rows with some keys.
    """

    def __init__(self, fetch: Callable[[tuple[str, ...]], Texts]) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._kept: OrderedDict[Page, Texts] = OrderedDict()

    def texts(self, page: Page) -> Texts:
        """Return the texts of all rows of a page, fetched if they are not among the last."""
        with self._lock:
            if page not in self._kept:
                self._kept[page] = self._fetch(page.keys)
                if len(self._kept) > _PAGES_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(page)
            return self._kept[page]
