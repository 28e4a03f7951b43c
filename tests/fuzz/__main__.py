"""``make fuzz``: many damaged inputs for every parser, and a table of what came of them.

Inputs are read by forked children with a memory limit. Right is a result or one line of a
``PotashError``. An input that does anything else is kept under ``corpus``, and the suite reads it
again for ever.
"""

from __future__ import annotations

import argparse
import csv
import faulthandler
import hashlib
import json
import mmap
import os
import re
import resource
import shutil
import signal
import struct
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from potash.errors import PotashError
from tests.fuzz.mutator import mutated
from tests.fuzz.targets import ROOT, TARGETS, Target

CORPUS = Path(__file__).parent / "corpus"
PAGE = ROOT / "docs" / "validation" / "fuzz.md"
TABLE = PAGE.with_suffix(".csv")
COUNTS = ("inputs", "foreign", "signal", "hang", "caught")
BATCH = 200
CHUNK = 1000
"""Inputs between two looks at the clock, after which the counts are written."""
MEMORY = 6 << 30


def fault_of(target: Target, folder: Path, data: bytes) -> str:
    """Read one input here; return what was wrong with the way it was refused, or ''."""
    path = folder / target.file
    path.write_bytes(data)
    try:
        target.read(path, data)
    except PotashError as error:
        if "\n" in str(error) or not str(error):
            return f"not one line: {str(error)[:80]!r}"
    except BaseException as error:
        return f"{type(error).__name__}: {str(error)[:120]}"
    return ""


def refused(target: Target, folder: Path, data: bytes) -> str:
    """Read one input that should be valid here; return why it is not, or ''."""
    path = folder / target.file
    path.write_bytes(data)
    here = Path.cwd()
    os.chdir(folder)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            target.read(path, data)
    except PotashError as error:
        return str(error)
    finally:
        os.chdir(here)
    return ""


def run_batch(target: Target, inputs: list[bytes], hang_s: float) -> list[tuple[int, str, str]]:
    """Read inputs in a forked child; return index, kind and description of every failure.

    A child that a signal ends, or that is stuck on one input, is replaced, and the rest goes on.
    """
    failures: list[tuple[int, str, str]] = []
    begin = 0
    while begin < len(inputs):
        shared = mmap.mmap(-1, 8)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            _serve(target, inputs, begin, shared, writer)
        os.close(writer)
        status = _watch(child, shared, hang_s)
        with os.fdopen(reader) as answers:
            for line in answers:
                failures.append(tuple(json.loads(line)))
        at = struct.unpack("q", shared[:8])[0]
        shared.close()
        if status == "done":
            break
        failures.append((at, "hang" if status == "hang" else "signal", status))
        begin = at + 1
    return failures


def _serve(target: Target, inputs: list[bytes], begin: int, shared: mmap.mmap, writer: int) -> None:
    """Be the child."""
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        warnings.simplefilter("ignore")
        faulthandler.disable()  # pytest's would tell the stack of every crash
        folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
        os.chdir(folder)
        with os.fdopen(writer, "w") as answers:
            for number in range(begin, len(inputs)):
                shared[:8] = struct.pack("q", number)
                fault = fault_of(target, folder, inputs[number])
                if fault:
                    answers.write(json.dumps([number, "foreign", fault]) + "\n")
                    answers.flush()
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os._exit(0)


def _watch(child: int, shared: mmap.mmap, hang_s: float) -> str:
    """Wait for a child; kill it when it uses ``hang_s`` of processor time or six times that."""
    last, since = -1, time.monotonic()
    cpu = _cpu_s(child)
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            if os.WIFSIGNALED(status):
                return signal.Signals(os.WTERMSIG(status)).name
            return "done"
        at = struct.unpack("q", shared[:8])[0]
        if at != last:
            last, since, cpu = at, time.monotonic(), _cpu_s(child)
        elif _cpu_s(child) - cpu > hang_s or time.monotonic() - since > 12 * hang_s:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return "hang"
        time.sleep(0.01)


def _cpu_s(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def corpus_of(target: Target) -> list[Path]:
    """Return the inputs of a parser that ever failed."""
    return sorted((CORPUS / _folder(target)).glob("*.bin"))


def _folder(target: Target) -> str:
    return "".join(c if c.isalnum() else "_" for c in target.name).strip("_").lower()


def keep(target: Target, data: bytes) -> None:
    """Keep an input for ever."""
    folder = CORPUS / _folder(target)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{hashlib.sha256(data).hexdigest()[:12]}.bin").write_bytes(data)


def fuzz(
    target: Target,
    numbers: Iterable[int],
    *,
    hang_s: float,
    keep_failures: bool,
    with_corpus: bool = True,
) -> dict[str, Any]:
    """Read damaged inputs, and the corpus; return counts and examples."""
    seeds = target.seeds()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        # In this process: children then find libraries loaded and kernels compiled.
        problem = refused(target, Path(folder), seeds[0])
        if problem:
            raise AssertionError(f"{target.name}: its first seed is no valid input: {problem}")
    counts = dict.fromkeys(COUNTS, 0)
    examples: dict[str, str] = {}
    inputs = [path.read_bytes() for path in corpus_of(target)] if with_corpus else []
    inputs += [mutated(seeds, number, target.name) for number in numbers]
    for low in range(0, len(inputs), BATCH):
        part = inputs[low : low + BATCH]
        for number, kind, text in run_batch(target, part, hang_s):
            # Signals, and memory damaged by an input before, are what the child process of the
            # analysis is for; each of its inputs has a process of its own.
            caught = target.binary and (
                kind == "signal"
                or (kind == "foreign" and not run_batch(target, [part[number]], hang_s))
            )
            counts["caught" if caught else kind] += 1
            examples.setdefault(re.sub(r"[0-9a-f]+", "#", text)[:40], text)
            if keep_failures and not caught and len(part[number]) < 100_000:
                keep(target, part[number])
        counts["inputs"] += len(part)
    return {**counts, "examples": sorted(examples.values())}


def page(found: Mapping[str, Mapping[str, int]]) -> str:
    """Return the page of the validation that holds the table."""
    total = {name: sum(f[name] for f in found.values()) for name in COUNTS}
    rows = [*found.items(), ("all", total)]
    lines = [
        "# Damaged input",
        "",
        "Written by `make fuzz` (`tests/fuzz`) from `fuzz.csv`: small valid inputs of every parser "
        "with one to six random changes. Right is a result or an error of one line. A *foreign "
        "exception* is any other error, a *signal* a crash, a *hang* more than 20 s of processor "
        "time. Readers of "
        "binary files are C code; users meet them in a child process only, and an input that ends "
        "that process, or spoils its memory for those behind it, is one line to them (*ended the "
        "child*).",
        "",
        "| parser | inputs | foreign exceptions | signals | hangs | ended the child |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [f"| {name} | {' | '.join(str(f[k]) for k in COUNTS)} |" for name, f in rows]
    return "\n".join(lines) + "\n"


def counted(table: Path) -> dict[str, dict[str, int]]:
    """Return the counts that earlier runs have left."""
    if not table.is_file():
        return {}
    with table.open(newline="", encoding="utf-8") as file:
        return {
            line.pop("parser"): {name: int(n) for name, n in line.items()}
            for line in csv.DictReader(file)
        }


def write_counts(table: Path, found: Mapping[str, Mapping[str, int]]) -> None:
    """Write the counts of all runs, those of parsers that are no more left out."""
    part = table.with_suffix(".part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ("parser", *COUNTS), lineterminator="\n")
        writer.writeheader()
        writer.writerows({"parser": n, **found[n]} for n in TARGETS if n in found)
    part.replace(table)


def main() -> int:
    """Fuzz every parser until it has read as many inputs as asked for; exit 1 if one failed."""
    options = argparse.ArgumentParser(prog="make fuzz")
    options.add_argument("--inputs", type=int, default=5000, help="per parser")
    options.add_argument("--slow-inputs", type=int, default=2000, help="per format of liquids")
    options.add_argument("--only", default="", help="parsers whose name holds this")
    options.add_argument("--table", type=Path, default=TABLE, help="counts of all runs, added to")
    options.add_argument("--fresh", action="store_true", help="begin to count anew")
    options.add_argument("--seconds", type=float, default=float("inf"), help="stop after these")
    given = options.parse_args()
    end = time.monotonic() + given.seconds
    found = {} if given.fresh else counted(given.table)
    for name, target in TARGETS.items():
        if given.only not in name:
            continue
        wanted = given.slow_inputs if name.startswith("liquid") else given.inputs
        counts = found.setdefault(name, dict.fromkeys(COUNTS, 0))
        while counts["inputs"] < wanted and time.monotonic() < end:
            first = counts["inputs"]
            result = fuzz(
                target,
                range(first, min(first + CHUNK, wanted)),
                hang_s=20.0,
                keep_failures=True,
                with_corpus=first == 0,
            )
            for text in result.pop("examples"):
                print(f"{name}: {text}", flush=True)
            for count, n in result.items():
                counts[count] += n
            write_counts(given.table, found)
        print(name, counts, flush=True)
    if given.table == TABLE:
        PAGE.write_text(page({name: found[name] for name in TARGETS if name in found}))
    return int(any(f["foreign"] or f["signal"] or f["hang"] for f in found.values()))


if __name__ == "__main__":
    sys.exit(main())
