"""Tables of the validation pages as Markdown; each function is one table."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import campaigns_simulated as campaigns
from potash_rows import comparisons, electrolytes_table, hosts_table, ok_rows, reference_file

from potash.catalog.catalog import load_catalog
from potash.claims.judging import claim_records
from potash.columns import unit_of
from potash.evidence.known import known_rows, reference_rows
from potash.evidence.ladder import rung
from potash.evidence.potentials import read_potentials
from potash.evidence.predicted import predicted
from potash.evidence.shipped import known_measurements
from potash.hosts.k_film import PBE_SURFACE_ENERGY_J_M2, contact_angle_deg
from potash.quantities import number
from potash.ranking.learning import learnings
from potash.results.adhesion import AdhesionValues
from potash.results.charge import ChargeValues
from potash.results.complex_ import ComplexValues
from potash.results.fluoride_release import FluorideReleaseValues
from potash.results.hop import HopValues
from potash.results.liquid import LiquidInputs, LiquidValues
from potash.results.thickness import ThicknessValues
from potash.store.rows import Row


def markdown(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [headings, ["---"] * len(headings), *rows]
    cells = (["" if c is None else str(c).replace("|", r"\|") for c in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells) + "\n"


def signed(value: float | None, digits: int = 2) -> str:
    """Return a number with its sign, nothing for None."""
    return "" if value is None else f"{value:+.{digits}f}"


# ---------------------------------------------------------------- campaigns


def campaigns_simulated() -> str:
    """Return the simulated campaigns: how right they were, and their cost."""
    head, *lines = campaigns.table(campaigns.read())
    return markdown(head, lines)


def suggest_replay() -> str:
    """Return how many experiments each way of choosing needs until one of the best is found."""
    file = Path(campaigns.__file__).with_name("suggest_replay.csv")
    head, *lines = csv.reader(file.read_text(encoding="utf-8").splitlines())
    return markdown(head, lines)


# ---------------------------------------------------------------- all rows


def rows_counts() -> str:
    """Return the number of committed rows by kind and level."""
    counts = Counter((r.kind, r.level, r.status) for r in reference_rows())
    kinds = sorted({kind for kind, _, _ in counts})
    found = []
    for kind in kinds:
        levels = sorted({level for k, level, _ in counts if k == kind}, key=rung)
        for level in levels:
            of = {s: counts[kind, level, s] for s in ("ok", "anomalous", "refused", "failed")}
            found.append([f"`{kind}`", f"`{level}`", *(n or "" for n in of.values())])
    return markdown(("kind", "level", "ok", "anomalous", "refused", "failed"), found)


def claims_counts() -> str:
    """Return how many of the review's claims have which verdict."""
    catalog = load_catalog()
    verdicts = Counter(r["verdict"] for r in claim_records(known_rows(None, catalog), catalog))
    return markdown(("verdict", "claims"), [(f"`{v}`", n) for v, n in verdicts.most_common()])


def claims_verdicts() -> str:
    """Return every claim of the review with its verdict and the reason."""
    catalog = load_catalog()
    records = claim_records(known_rows(None, catalog), catalog)
    return markdown(
        ("claim", "verdict", "level", "reason"),
        [
            (f"`{r['id']}`", str(r["verdict"]).replace("_", " "), r["level"] or "", r["reason"])
            for r in records
        ],
    )


# ---------------------------------------------------------------- hosts


def hosts_coverage() -> str:
    """Return how many hosts of the catalogue have a value, and why the others have none."""
    hosts = [e for e in hosts_table().entries if not e.is_model]
    found = [(e.id, e.status.replace("_", " "), e.reason) for e in hosts if e.status != "computed"]
    n = len(hosts) - len(found)
    return f"{n} of {len(hosts)} hosts have a value.\n\n" + markdown(
        ("host", "status", "reason"), found
    )


def hosts_accuracy() -> str:
    """Return the errors of each level against DFT by class, raw and corrected unseen."""
    from reference_hosts_report import accuracy_lines

    parts = []
    for model in hosts_table().error_models:
        if not model.pairs:
            continue
        found = [
            (str(group).replace("_", " "), n, mae, mean, rho, n_out, corrected, rho_out)
            for _, _, group, n, mae, mean, rho, n_out, corrected, rho_out in accuracy_lines(model)
            if group != "all classes"
        ]
        headings = (
            "class", "n", "mean abs. error", "mean error", "rank corr.", "n unseen",
            "corrected, unseen", "rank corr.",
        )  # fmt: skip
        title = f"### `{model.level}` against `{model.reference}`"
        parts.append(f"{title}\n\n{markdown(headings, found)}")
    return "\n".join(parts)


def hosts_lcao() -> str:
    """Return LCAO against plane waves for one surface of each class."""
    from reference_hosts_report import lcao_lines

    rows = [r for r in reference_rows() if r.kind == "adsorption"]
    lines = lcao_lines(rows, [m for m in hosts_table().error_models if m.pairs], load_catalog())
    return markdown(
        ("class", "surface", "LCAO", "plane waves", "difference"),
        [(str(c).replace("_", " "), s, a, b, signed(float(str(d)))) for c, s, a, b, d, *_ in lines],
    )


def hosts_convergence() -> str:
    """Return the convergence series of K metal and K on Al(111), Cu(111) and graphene."""
    names = {
        "cutoff": "cutoff",
        "bulk_k_point_length": "k-points, bulk",
        "k_point_length": "k-points",
        "added_vacuum": "more vacuum",
        "k_k_distance": "K-K",
    }
    return markdown(
        ("system", "level", "varied", "value", "energy, eV", "against the last, eV"),
        [
            (f"`{x['system']}`", f"`{x['level']}`", names[x["parameter"]],
             f"{x['value']} {x['unit']}", x["energy_ev"], x["change_ev"])
            for x in reference_file("hosts/convergence.csv")
        ],
    )  # fmt: skip


def hosts_newton() -> str:
    """Return the height of K by its force beside a parabola: error and cost for each surface."""
    file = Path(campaigns.__file__).with_name("dft_newton.csv")
    lines = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    table = markdown(
        ("class", "surface", "level", "spin", "first force, eV/Å", "points before", "now",
         "energy before", "now", "difference", "seconds before", "now", "moment, µB"),
        [
            (x["class"].replace("_", " "), f"`{x['surface']}`", f"`{x['level']}`", x["spin"],
             x["first_force_ev_angstrom"], x["points_before"], x["points"],
             signed(float(x["adsorption_energy_before_ev"]), 3),
             signed(float(x["adsorption_energy_ev"]), 3), signed(float(x["error_ev"]), 3),
             x["cpu_before_s"], x["cpu_s"], x["magnetic_moment_mu_b"])
            for x in lines
        ],
    )  # fmt: skip
    same = [x for x in lines if x["spin"] == "paired"]  # as the rows are
    points = [sum(int(x[c]) for x in same) for c in ("points_before", "points")]
    timed = [x for x in same if x["cpu_before_s"]]
    seconds = [sum(float(x[c]) for x in timed) for c in ("cpu_before_s", "cpu_s")]
    largest = max(abs(float(x["error_ev"])) for x in same)
    return table + (
        f"\nLargest difference {largest:.3f} eV, spins paired as in the rows; points with K: "
        f"{points[0]} before, {points[1]} now. Processor time of the {len(timed)} surfaces where "
        f"both were measured: {seconds[0]:.0f} s before, {seconds[1]:.0f} s now.\n"
    )


def hosts_adhesion() -> str:
    """Return works of adhesion with strain and cell, the strongest first, and what was refused."""
    rows = [r for r in reference_rows() if r.kind == "adhesion"]
    found = []
    for row in rows:
        if row.status != "ok":
            continue
        film = row.read(AdhesionValues)
        work = film.work_of_adhesion_j_m2
        missing = PBE_SURFACE_ENERGY_J_M2 - film.k_surface_energy_j_m2
        angle = contact_angle_deg(work + missing, PBE_SURFACE_ENERGY_J_M2)
        found.append(
            (
                work,
                (
                    f"`{row.model}`",
                    f"{work:.3f}",
                    f"{film.strain_smallest:+.1%}, {film.strain_largest:+.1%}",
                    f"{film.strain_energy_j_m2:.3f}",
                    str(film.n_atoms),
                    "wets" if angle == 0.0 else f"{angle:.0f}°",
                    "yes" if film.surface_held else "",
                ),
            )
        )
    found.sort(reverse=True)
    head = ("model", "W, J/m2", "strain", "strain energy, J/m2", "atoms", "angle", "surface held")
    table = markdown(head, [line for _, line in found])
    others = [(f"`{r.model}`", r.status, r.reason) for r in rows if r.status != "ok"]
    return table + (f"\n{markdown(('model', 'status', 'reason'), others)}" if others else "")


def hosts_checks() -> str:
    """Return what thicker slabs change, hop barriers and charges of K."""
    found = []
    for row in ok_rows("thickness"):
        change = row.read(ThicknessValues).thickness_change_ev
        found.append(
            (f"`{row.model}`", f"`{row.level}`", "thicker slab", f"{signed(change, 3)} eV")
        )
    for row in ok_rows("hop"):
        hop = row.read(HopValues)
        text = "below 0.05 eV" if hop.below_resolution else f"{hop.hop_barrier_ev:.2f} eV"
        found.append((f"`{row.model}`", f"`{row.level}`", "hop barrier", text))
    for row in ok_rows("charge"):
        charge = row.read(ChargeValues)
        text = f"{charge.k_charge_e:+.2f} e ({charge.charge_method})"
        found.append((f"`{row.model}`", f"`{row.level}`", "charge of K", text))
    return markdown(("model", "level", "quantity", "value"), found)


# ---------------------------------------------------------------- molecules


def molecules_accuracy() -> str:
    """Return the errors of ionisation energies against CCSD(T) and experiment."""
    from molecules_accuracy import accuracies

    return markdown(
        ("molecules", "quantity", "against", "n", "mean abs. error", "mean error", "largest",
         "rank corr.", "by constant", "by class"),
        [
            (a.molecules, a.quantity, a.against, a.n, f"{a.mean_absolute:.2f}", signed(a.mean),
             f"{a.largest:.2f}", f"{a.rank_correlation:.2f}", f"{a.by_constant:.2f}",
             f"{a.by_class:.2f}")
            for a in accuracies(reference_rows())
        ],
    )  # fmt: skip


def molecules_onsets() -> str:
    """Return the molecules whose tabulated energy is the onset of a band."""
    from molecules_accuracy import onsets

    return markdown(
        ("molecule", "CCSD(T) minus experiment, eV"),
        [(name, f"{gap:.2f}") for name, gap in sorted(onsets(reference_rows()))],
    )


def molecules_coverage() -> str:
    """Return how many species and salts of the catalogue have a row at each level."""
    catalog = load_catalog()
    names = {"species": set(catalog.species), "complex": set(catalog.salts)}
    levels = ("screen", "standard", "reference")
    rows = known_rows(None, catalog)
    found = []
    for kind, label in (("species", "species"), ("complex", "salts, as ion pairs")):
        of_level = [
            len({r.item for r in rows if (r.kind, r.level, r.status) == (kind, level, "ok")}
                & names[kind])
            for level in levels
        ]  # fmt: skip
        found.append((label, len(names[kind]), *of_level))
    return markdown(("", "in the catalogue", *(f"`{level}`" for level in levels)), found)


def molecules_binding() -> str:
    """Return the binding energies of alkali ions to single ligands at each level, in eV."""
    best: dict[tuple[str, str], dict[str, Row]] = {}
    for row in ok_rows("complex"):
        values = row.read(ComplexValues)
        if len(values.ligands) == 1 and values.charge == 1:
            best.setdefault((values.metal, values.ligands[0]), {})[row.level] = row
    found = []
    for (metal, ligand), rows in best.items():
        if "standard" not in rows:
            continue
        standard = rows["standard"].read(ComplexValues)
        screen = rows["screen"].read(ComplexValues) if "screen" in rows else None
        counterpoise = standard.binding_energy_counterpoise_ev
        enthalpy = standard.binding_enthalpy_298k_ev
        found.append(
            (f"{metal}+", ligand, number(screen and screen.binding_energy_ev),
             number(standard.binding_energy_ev), number(counterpoise), number(enthalpy))
        )  # fmt: skip
    found.sort(key=lambda line: (line[0], -float(line[3])))
    return markdown(
        ("ion", "ligand", "`screen`", "`standard`", "after counterpoise", "enthalpy at 298 K"),
        found,
    )


def molecules_fluoride() -> str:
    """Return the energies at which K takes fluorine from a species, in eV."""
    energies: dict[str, dict[str, FluorideReleaseValues]] = {}
    for row in ok_rows("fluoride_release"):
        energies.setdefault(row.item, {})[row.level] = row.read(FluorideReleaseValues)
    found = []
    for item, levels in energies.items():
        screen, standard = levels.get("screen"), levels.get("standard")
        bond = (standard or screen).bond  # type: ignore[union-attr]
        found.append(
            (item, bond, signed(screen and screen.reaction_energy_ev),
             signed(standard and standard.reaction_energy_ev))
        )  # fmt: skip
    return markdown(("species", "bond that breaks", "`screen`", "`standard`"), sorted(found))


def molecules_predicted() -> str:
    """Return the lines that carry cheap quantities of molecules over to the level that counts."""
    rows = reference_rows()
    lines = predicted(rows, read_potentials(rows)).lines
    return markdown(
        ("quantity", "pairs", "slope", "scatter about the line", "spread of the molecules"),
        [
            (
                line.name,
                line.n,
                signed(line.slope),
                number(line.residual_sd),
                number(line.target_sd),
            )
            for line in lines.values()
        ],
    )


# ---------------------------------------------------------------- measured


def measured_parity() -> str:
    """Return bias, error and order of each property that is predicted and was measured."""
    return markdown(
        ("property", "pairs", "bias", "mean abs. difference", "order", "measured, not predicted"),
        [
            (
                unit_of(c.column)[0],
                len(c.pairs),
                _in_unit(c.bias, c.column),
                _in_unit(c.error, c.column),
                c.order() if c.pairs else "no pair",
                c.unpaired,
            )
            for c in comparisons()
        ],
    )


def _in_unit(value: float | None, column: str) -> str:
    unit = unit_of(column)[1]
    return "" if value is None else f"{number(value * unit.scale)} {unit.text}".rstrip()


def measured_pairs() -> str:
    """Return every pair with the source of the measurement."""
    return markdown(
        ("property", "candidate", "predicted", "measured", "intervals overlap", "measured by"),
        [
            (
                unit_of(c.column)[0],
                f"`{p.candidate}`",
                _in_unit(p.predicted, c.column),
                _in_unit(p.measured, c.column),
                {True: "yes", False: "no", None: "not known"}[p.inside],
                p.source,
            )
            for c in comparisons()
            for p in c.pairs
        ],
    )


def measured_learning() -> str:
    """Return whether the criteria predict the figures of merit of the review's cells."""
    measured = known_measurements((), load_catalog())
    found = [x for t in (electrolytes_table(), hosts_table()) for x in learnings(t, measured)]
    return "".join(f"- {x.words()}\n" for x in found)


# ---------------------------------------------------------------- liquids


def liquids_raman() -> str:
    """Return simulated and measured ion pairing of KFSI in DME."""
    return markdown(
        ("mol/L", "charges", "SSIP", "CIP", "AGG", "Raman SSIP", "CIP", "AGG", "mean abs. error"),
        [
            (
                x["concentration_mol_l"],
                f"x{x['ion_charge_scale']}",
                *(f"{x[k]} ± {x[f'{k}_half_width']}" for k in ("ssip", "cip", "agg")),
                *(x[f"raman_{k}"] for k in ("ssip", "cip", "agg")),
                x["mean_absolute_error"],
            )
            for x in reference_file("liquids/raman_series.csv")
        ],
    )


def liquids_held_out() -> str:
    """Return the charge scaling that each concentration's other ones choose, and its error."""
    return markdown(
        ("left out, mol/L", "chosen", "mean abs. error"),
        [
            (x["concentration_left_out_mol_l"], f"x{x['chosen_ion_charge_scale']}",
             x["mean_absolute_error"])
            for x in reference_file("liquids/raman_held_out.csv")
        ],
    )  # fmt: skip


def liquids_densities() -> str:
    """Return densities beside experiment."""
    return markdown(
        ("liquid", "K", "ps", "density, g/mL", "experiment", "deviation, %", "verdict"),
        [
            (f"`{x['liquid']}`", x["temperature_k"], x["production_ps"],
             f"{x['density_g_ml']} ± {x['half_width_g_ml']}", x["experiment_g_ml"],
             x["deviation_percent"], x["verdict"])
            for x in reference_file("liquids/densities.csv")
        ],
    )  # fmt: skip


def liquids_transport() -> str:
    """Return diffusion coefficients (1e-10 m^2/s) and contact lives of potassium in each run."""
    found = []
    for row in sorted(ok_rows("liquid"), key=lambda r: (r.item, r.model)):
        values = row.read(LiquidValues)
        if values.per_anion_ssip is None or values.diffusion_m2_s is None:
            continue
        seed = row.read(LiquidInputs).seed
        k = values.diffusion_m2_s.get("K")
        if k is None:
            continue
        ends = [k.value, k.low, k.high]
        motion = (
            f"{ends[0] * 1e10:.2f} [{ends[1] * 1e10:.2f}, {ends[2] * 1e10:.2f}]"
            if None not in ends
            else k.status
        )
        lives = values.residence_ps or {}
        longest = max((x.value for x in lives.values() if x.value is not None), default=None)
        pairing = (values.per_anion_ssip, values.per_anion_cip, values.per_anion_agg)
        found.append(
            (f"`{row.item}`", f"x{values.ion_charge_scale:g}", seed, f"{values.production_ps:g}",
             " / ".join(f"{p:.2f}" for p in pairing if p is not None), motion,
             "" if longest is None else f"{longest:.0f}", "yes" if values.converged else "no")
        )  # fmt: skip
    return markdown(
        ("liquid", "charges", "seed", "ps", "SSIP / CIP / AGG", "D(K+)", "longest contact, ps",
         "converged"),
        found,
    )  # fmt: skip
