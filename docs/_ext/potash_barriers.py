"""The table of migration barriers, from the committed rows beside measured values."""

from __future__ import annotations

from potash_rows import ok_rows

from potash.quantities import number
from potash.resources import data_dir
from potash.results.barrier import BarrierValues


def hosts_barriers() -> str:
    """Return every barrier of the reference rows, with the measured one where there is one."""
    from migration_barriers import compare
    from potash_tables import markdown

    rows = ok_rows("barrier")
    measured = {
        c.formula: f"{c.measured:.2f}" + ("" if c.verified else " (recalled)")
        for c in compare(rows, data_dir("structures") / "migration_barriers.csv")
    }
    found = []
    for row in sorted(rows, key=lambda r: (r.model, r.item)):
        v = row.read(BarrierValues)
        found.append(
            (
                f"`{row.item}`", f"{v.ion} {v.mechanism}", f"`{row.level}`",
                *(number(e) for e in (v.migration_barrier_ev, v.barrier_2d_ev, v.barrier_3d_ev)),
                measured.get(row.model), len(v.hops), v.n_atoms, v.n_images,
                f"{v.residual_force_ev_angstrom:.2f}",
            )
        )  # fmt: skip
    return markdown(
        ("crystal", "what moves", "level", "1 direction, eV", "2, eV", "3, eV", "measured, eV",
         "kinds of hops", "atoms", "images", "force left, eV/Å"),
        found,
    )  # fmt: skip
