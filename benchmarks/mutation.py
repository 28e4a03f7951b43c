"""How many deliberate faults do the tests notice? A mutation run with Cosmic Ray.

``python benchmarks/mutation.py --mutants 200 --workers 2`` samples mutants of the rooms that
hold formulas (``bulk``, ``hosts``, ``molecules``, ``trajectories``, ``evidence``, ``ranking``),
in proportion to how many places each has, and runs the affected tests against each: those that
mirror its file, those of its room, then those of the rooms that import it. A mutant that none of
them notices survives. Two kinds of mutants are left out because they would flatter the result
or tell nothing: those of annotations, which change nothing at run time, and bit operators in
place of arithmetic ones, which any call with a float notices. A place is drawn first and then
what is put there, so that an operator with many replacements does not count more than one with
few.

With ``--coverage FILE`` only those tests run that reach the mutated statement, whatever room
they are of, which takes a fifth of the time. The file is made by::

    COVERAGE_FILE=FILE python -m pytest --cov=src/potash --cov-context=test --cov-report= tests/...

Where that cannot tell (what is executed by the import, what Numba compiles, what no measured
test reaches) all affected tests run as without it.

Cosmic Ray and pytest-cov are no dependencies of Potash: ``pip install cosmic-ray coverage`` into
the same environment, or run this file with an environment that has them and name the other with
``--python``. The checkout is never changed; every worker mutates a copy of its own. Results are
appended to ``--log`` as JSON lines, and a run that was interrupted goes on from there.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("bulk", "hosts", "molecules", "trajectories", "evidence", "ranking")
READERS = {
    "bulk": ("results", "claims", "evidence"),
    "hosts": ("results", "evidence", "running"),
    "molecules": ("results", "evidence", "claims"),
    "trajectories": ("liquids",),
    "evidence": ("ranking", "claims"),
    "ranking": ("report",),
}
"""Whose tests run where those of the room itself notice nothing."""
MARKERS = "not campaign and not server and not dft and not browser"
TIMEOUT_S = 600.0
TELLING_NOTHING = ("RShift", "LShift", "BitOr", "BitAnd", "BitXor", "Invert")


def annotated_lines(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return where annotations stand, as pairs of (line, column)."""
    spans = []
    for node in ast.walk(ast.parse(source)):
        found: list[ast.expr | None] = []
        if isinstance(node, ast.AnnAssign | ast.arg):
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef):
            found.append(node.returns)
        for a in found:
            if a is not None:
                spans.append(((a.lineno, a.col_offset), (a.end_lineno or 0, a.end_col_offset or 0)))
    return spans


def all_mutants(rooms: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return every mutant of some rooms, as plain data; paths relative to the root."""
    from cosmic_ray.commands.init import _all_work_items

    found = []
    for room in rooms:
        for path in sorted((ROOT / "src/potash" / room).rglob("*.py")):
            spans = annotated_lines(path.read_text())
            for item in _all_work_items([path], {}):
                (m,) = item.mutations
                if any(start <= m.start_pos <= end for start, end in spans):
                    continue
                if m.operator_name.endswith(TELLING_NOTHING):
                    continue
                found.append(
                    {
                        "room": room,
                        "path": str(path.relative_to(ROOT)),
                        "operator": m.operator_name,
                        "occurrence": m.occurrence,
                        "start": m.start_pos,
                        "end": m.end_pos,
                        "definition": m.definition_name,
                    }
                )
    return found


def sampled(mutants: list[dict[str, Any]], n: int, seed: int) -> list[dict[str, Any]]:
    """Return ``n`` mutants: places at random, then one of the mutants of each place."""
    places: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for m in mutants:
        places.setdefault((m["path"], tuple(m["start"]), tuple(m["end"])), []).append(m)
    draw = random.Random(seed)
    chosen = draw.sample(sorted(places), min(n, len(places)))
    return [draw.choice(places[place]) for place in chosen]


def copied_tree(folder: Path) -> Path:
    """Copy the tracked files, as they are in the working tree, into a folder."""
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    for link in (".venv-dft", ".venv-ambertools"):
        if (ROOT / link).exists():
            (folder / link).symlink_to((ROOT / link).resolve())
    return folder


class Reached:
    """Which tests reach which lines, from a run of pytest-cov with contexts.

    Parameters
    ----------
    data_file
        Of coverage, as ``--cov-context=test`` writes it.
    """

    def __init__(self, data_file: Path) -> None:
        from coverage import CoverageData

        self._data = CoverageData(str(data_file))
        self._data.read()
        self._files = {
            name.rsplit("/src/potash/", 1)[-1]: name for name in self._data.measured_files()
        }

    def tests(self, path: str, line: int) -> list[str] | None:
        """Return the tests that reach the statement of a line; ``None`` where that is not known.

        Those of the file's own mirror come first.
        """
        source = (ROOT / path).read_text()
        name = self._files.get(path.removeprefix("src/potash/"))
        if name is None or "@compiled" in source:
            return None
        by_line = self._data.contexts_by_lineno(name)
        found = {c for n in statement_lines(source, line) for c in by_line.get(n, ())}
        if "" in found:
            return None
        mirror = f"tests/{path.removeprefix('src/potash/').replace('/', '/test_')}"
        nodes = set()
        for context in found:
            node, _, phase = context.rpartition("|")
            # What the set-up of one test reaches, others of its file may be given.
            nodes.add(node if phase == "run" else node.split("::")[0])
        return sorted(nodes, key=lambda node: (not node.startswith(mirror), node))


def statement_lines(source: str, line: int) -> range:
    """Return the lines of the innermost statement of a line; of its head where it has a body."""
    best = range(line, line + 1)
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.stmt):
            continue
        body = getattr(node, "body", None)
        end = body[0].lineno - 1 if body else (node.end_lineno or node.lineno)
        lines = range(node.lineno, max(end, node.lineno) + 1)
        if line in lines:
            # Later in the walk is deeper in the tree.
            best = lines
    return best


def tests_of(python: str, tree: Path, folders: list[str]) -> str:
    """Return the command that runs tests (rooms, files, node ids) in a copy of the tree."""
    wanted = [f for f in folders if f.startswith("tests/")]
    if wanted:
        (tree / "wanted.txt").write_text("\n".join(wanted))
        present = ["@wanted.txt"]
    else:
        present = [f"{tree}/tests/{f}" for f in folders if (tree / "tests" / f).exists()]
    options = f"-x -q -p no:cacheprovider --rootdir {tree} -m '{MARKERS}'"
    path = f"env PYTHONPATH={tree}/src:{tree} OMP_NUM_THREADS=1 NUMBA_CACHE_DIR={tree}/numba"
    return f'sh -c "cd {tree} && {path} {python} -m pytest {options} {" ".join(present)}"'


def judged(
    mutant: dict[str, Any], tree: Path, python: str, reached: Reached | None
) -> dict[str, Any]:
    """Run the affected tests against one mutant; ``killed``, ``survived`` or ``incompetent``."""
    from cosmic_ray.mutating import mutate_and_test
    from cosmic_ray.work_item import MutationSpec

    spec = MutationSpec(
        module_path=tree / mutant["path"],
        operator_name=mutant["operator"],
        occurrence=mutant["occurrence"],
        start_pos=tuple(mutant["start"]),
        end_pos=tuple(mutant["end"]),
    )
    outcome, diff = "survived", ""
    if "numba" in (tree / mutant["path"]).read_text():
        # What Numba compiled of a caller still holds what it called before the fault.
        shutil.rmtree(tree / "numba", ignore_errors=True)
    mirror = f"{mutant['room']}/test_{Path(mutant['path']).stem}.py"
    stages = [[mutant["room"]], list(READERS[mutant["room"]])]
    if (tree / "tests" / mirror).exists():
        stages.insert(0, [mirror])
    if reached is not None:
        nodes = reached.tests(mutant["path"], mutant["start"][0])
        if nodes:
            stages = [nodes]
    for folders in stages:
        result = mutate_and_test((spec,), tests_of(python, tree, folders), TIMEOUT_S)
        outcome, diff = str(result.test_outcome and result.test_outcome.value), result.diff or ""
        if outcome != "survived":
            break
    return {**mutant, "outcome": outcome, "diff": diff}


def main() -> int:
    """Sample, run, and print the table and what survived."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--mutants", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rooms", nargs="+", default=list(ROOMS), choices=ROOMS)
    parser.add_argument("--python", default=sys.executable, help="runs the tests")
    parser.add_argument("--coverage", type=Path, help="data of pytest-cov with contexts")
    parser.add_argument("--log", type=Path, default=Path("mutation.jsonl"))
    args = parser.parse_args()

    reached = None if args.coverage is None else Reached(args.coverage)
    mutants = all_mutants(tuple(args.rooms))
    totals = Counter(m["room"] for m in mutants)
    chosen = sampled(mutants, args.mutants, args.seed)
    lines = args.log.read_text().splitlines() if args.log.exists() else []
    done = [json.loads(line) for line in lines]
    known = {(d["path"], d["operator"], d["occurrence"]) for d in done}
    left = [m for m in chosen if (m["path"], m["operator"], m["occurrence"]) not in known]
    with tempfile.TemporaryDirectory() as scratch, args.log.open("a") as log:
        trees: SimpleQueue[Path] = SimpleQueue()
        for i in range(args.workers):
            trees.put(copied_tree(Path(scratch) / str(i)))

        def passes(folder: str) -> bool:
            tree = trees.get()
            try:
                return not subprocess.run(
                    shlex.split(tests_of(args.python, tree, [folder]))
                ).returncode
            finally:
                trees.put(tree)

        rooms = {m["room"] for m in left}
        folders = sorted({f for room in rooms for f in (room, *READERS[room])})
        if reached is None:  # else the run that measured the coverage has shown it
            with ThreadPoolExecutor(args.workers) as pool:
                failing = [
                    f for f, ok in zip(folders, pool.map(passes, folders), strict=True) if not ok
                ]
            if failing:
                sys.exit(f"these tests fail without any fault: {', '.join(failing)}")

        def one(mutant: dict[str, Any]) -> dict[str, Any]:
            tree = trees.get()
            try:
                return judged(mutant, tree, args.python, reached)
            finally:
                trees.put(tree)

        with ThreadPoolExecutor(args.workers) as pool:
            for n, result in enumerate(pool.map(one, left), 1):
                log.write(json.dumps(result) + "\n")
                log.flush()
                done.append(result)
                print(f"{n}/{len(left)} {result['outcome']} {result['path']}", file=sys.stderr)
    print(f"{'room':14} {'mutants':>8} {'sampled':>8} {'killed':>7} {'survived':>9} {'share':>6}")
    for room in (*args.rooms, "all"):
        of = [d for d in done if room in (d["room"], "all")]
        survived = sum(d["outcome"] == "survived" for d in of)
        total = totals[room] if room != "all" else len(mutants)
        share = f"{survived / len(of):.0%}" if of else "-"
        killed = len(of) - survived
        print(f"{room:14} {total:8d} {len(of):8d} {killed:7d} {survived:9d} {share:>6}")
    for d in done:
        if d["outcome"] == "survived":
            print(f"\n{d['path']}:{d['start'][0]} {d['definition']} ({d['operator']})\n{d['diff']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
