"""Damaged copies of valid input: the same number gives the same copy for ever."""

from __future__ import annotations

import random

TOKENS = (
    b"nan", b"inf", b"-inf", b"-1", b"0", b"1e999", b"1e-320", b"99999999999999999999", b"-0.0",
    b".", b"?", b"*", b"&a", b"*a", b"[", b"{", b"]", b"}", b"- ", b": ", b"#", b"'", b'"', b"\\",
    b"\x00", b"\n", b"\r\n", b"\t", b",", b";", b"%s", b"null", b"true", b"~",
    b"!!python/name:os",
    b"!!binary x", b"<<: *a",
    b"\xff\xfe",
    "\u00e9\u4e2d\U0001f600".encode(), b"-9223372036854775808",
    b"()", b"(10-10)", b"K", b"X", b"Zz", b"..", b"/", b"../x", b"1/0", b"0x10", b"1_000",
    b"@", b"=",
)  # fmt: skip


def mutated(seeds: tuple[bytes, ...], number: int, name: str) -> bytes:
    """Return damaged input ``number`` of a parser: one of its seeds with one to six changes."""
    rng = random.Random(f"{name}/{number}")
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 6))):
        _change(data, rng, seeds)
    return bytes(data)


def _change(data: bytearray, rng: random.Random, seeds: tuple[bytes, ...]) -> None:
    n = len(data)
    at = rng.randrange(n + 1)
    end = min(n, at + int(rng.expovariate(1 / 12)) + 1)
    kind = rng.randrange(10)
    if kind == 0 and n:
        data[at % n] = rng.randrange(256)
    elif kind == 1 and n:
        data[at % n] ^= 1 << rng.randrange(8)
    elif kind == 2:
        del data[at:end]
    elif kind == 3:
        data[at:at] = rng.choice(TOKENS)
    elif kind == 4:
        data[at:end] = rng.choice(TOKENS)
    elif kind == 5:
        data[at:at] = bytes(data[at:end]) * rng.choice((1, 2, 40, 3000))
    elif kind == 6:
        del data[at:]
    elif kind == 7:
        other = rng.choice(seeds)
        start = rng.randrange(len(other) + 1)
        data[at:end] = other[start : start + rng.randrange(1, 60)]
    elif kind == 8:
        _change_number(data, rng)
    else:
        _change_lines(data, rng)


def _change_number(data: bytearray, rng: random.Random) -> None:
    """Replace a run of digits."""
    digits = [k for k, c in enumerate(data) if 48 <= c <= 57]
    if not digits:
        return
    start = end = rng.choice(digits)
    while end < len(data) and data[end] in b"0123456789.eE+-":
        end += 1
    data[start:end] = rng.choice(TOKENS[:9])


def _change_lines(data: bytearray, rng: random.Random) -> None:
    """Swap, drop or repeat lines."""
    lines = bytes(data).split(b"\n")
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.randrange(3)
    if kind == 0:
        lines[a], lines[b] = lines[b], lines[a]
    elif kind == 1:
        del lines[a]
    else:
        lines.insert(a, lines[b])
    data[:] = b"\n".join(lines)
