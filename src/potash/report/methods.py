"""Methods paragraphs: how each kind of result was computed, with citations, ready to paste."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from potash.store.rows import Row


@dataclass(frozen=True)
class Reference:
    """A work to cite.

    Attributes
    ----------
    text, doi
        As a reader needs them.
    known
        Whether the DOI stands with a source in Potash's code or data; else it is from memory, and
        the paragraph says so.
    """

    text: str
    doi: str
    known: bool = False


_WORKS: Mapping[str, Reference] = {
    "sevennet": Reference(
        "SevenNet, Park et al., J. Chem. Theory Comput. 2024",
        "10.1021/acs.jctc.4c00190",
    ),
    "chgnet": Reference(
        "CHGNet, Deng et al., Nat. Mach. Intell. 2023",
        "10.1038/s42256-023-00716-3",
    ),
    "gpaw": Reference(
        "GPAW, Mortensen et al., J. Chem. Phys. 2024",
        "10.1063/5.0182685",
    ),
    "pbe": Reference(
        "PBE, Perdew et al., Phys. Rev. Lett. 1996",
        "10.1103/PhysRevLett.77.3865",
    ),
    "d3bj": Reference(
        "D3(BJ), Grimme et al., J. Comput. Chem. 2011",
        "10.1002/jcc.21759",
        known=True,
    ),
    "mp_u": Reference(
        "PBE+U as the Materials Project's, Jain et al., Phys. Rev. B 2011",
        "10.1103/PhysRevB.84.045115",
        known=True,
    ),
    "ase": Reference(
        "ASE, Larsen et al., J. Phys.: Condens. Matter 2017",
        "10.1088/1361-648X/aa680e",
    ),
    "gfn2": Reference(
        "GFN2-xTB, Bannwarth et al., J. Chem. Theory Comput. 2019",
        "10.1021/acs.jctc.8b01176",
        known=True,
    ),
    "ipea1": Reference(
        "IPEA1-xTB, Asgeirsson et al., Chem. Sci. 2017",
        "10.1039/c7sc00601b",
        known=True,
    ),
    "alpb": Reference(
        "ALPB, Ehlert et al., J. Chem. Theory Comput. 2021",
        "10.1021/acs.jctc.1c00471",
        known=True,
    ),
    "etkdg": Reference(
        "ETKDGv3, Wang et al., J. Chem. Inf. Model. 2020",
        "10.1021/acs.jcim.0c00025",
        known=True,
    ),
    "pyscf": Reference(
        "PySCF, Sun et al., J. Chem. Phys. 2020",
        "10.1063/5.0006074",
        known=True,
    ),
    "b3lyp": Reference(
        "B3LYP, Stephens et al., J. Phys. Chem. 1994",
        "10.1021/j100096a001",
        known=True,
    ),
    "camb3lyp": Reference(
        "CAM-B3LYP, Yanai et al., Chem. Phys. Lett. 2004",
        "10.1016/j.cplett.2004.06.011",
        known=True,
    ),
    "def2": Reference(
        "def2 basis sets, Weigend and Ahlrichs, Phys. Chem. Chem. Phys. 2005",
        "10.1039/b508541a",
        known=True,
    ),
    "she": Reference(
        "absolute electrode potential, Trasatti, Pure Appl. Chem. 1986",
        "10.1351/pac198658070955",
        known=True,
    ),
    "openmm": Reference(
        "OpenMM 8, Eastman et al., J. Phys. Chem. B 2024",
        "10.1021/acs.jpcb.3c06662",
    ),
    "gromacs": Reference(
        "GROMACS, Abraham et al., SoftwareX 2015",
        "10.1016/j.softx.2015.06.001",
    ),
    "opls": Reference(
        "OPLS-AA, Jorgensen et al., J. Am. Chem. Soc. 1996",
        "10.1021/ja9621760",
    ),
    "clp": Reference(
        "CL&P, Canongia Lopes et al., J. Phys. Chem. B 2004",
        "10.1021/jp0362133",
    ),
    "mdanalysis": Reference(
        "MDAnalysis, Michaud-Agrawal et al., J. Comput. Chem. 2011",
        "10.1002/jcc.21787",
    ),
    "yeh": Reference(
        "finite-size correction of D, Yeh and Hummer, J. Phys. Chem. B 2004",
        "10.1021/jp0477147",
        known=True,
    ),
    "paule": Reference(
        "random-effects estimators, Veroniki et al., Res. Synth. Methods 2016",
        "10.1002/jrsm.1164",
        known=True,
    ),
    "review": Reference(
        "the review screened, Chem. Soc. Rev. 2025, 54, 2543",
        "10.1039/d4cs00845f",
        known=True,
    ),
}

_ENGINES: Mapping[str, tuple[str, ...]] = {
    "sevenn": ("sevennet", "ase"),
    "7net": ("sevennet", "ase"),
    "chgnet": ("chgnet", "ase"),
    "gpaw": ("gpaw", "pbe", "d3bj", "mp_u", "ase"),
    "tblite": ("gfn2", "ipea1"),
    "xtb": ("gfn2", "ipea1"),
    "pyscf": ("pyscf", "b3lyp", "def2", "d3bj"),
    "openmm": ("openmm",),
    "gromacs": ("gromacs",),
}
"""Part of an engine's name, in lower case, to the works that it rests on."""


@dataclass(frozen=True)
class Methods:
    """How one kind of result was computed.

    Attributes
    ----------
    kind
        ``hosts``, ``molecules`` or ``electrolytes``.
    text
        One paragraph; numbers in brackets are references.
    references
        In that order.
    """

    kind: str
    text: str
    references: tuple[Reference, ...]

    def plain(self) -> str:
        """Return paragraph and references as text to paste."""
        listed = [
            f"[{i}] {r.text}, doi:{r.doi}{'' if r.known else ' (DOI from memory: check it)'}"
            for i, r in enumerate(self.references, 1)
        ]
        return "\n".join([self.text, *listed])


_KINDS: Mapping[str, tuple[str, ...]] = {
    "hosts": ("adsorption", "k_metal"),
    "molecules": ("species", "redox", "complex"),
    "electrolytes": ("liquid",),
}


def methods(rows: Sequence[Row], version: str) -> tuple[Methods, ...]:
    """Return one paragraph for each kind of result that the rows hold.

    Parameters
    ----------
    rows
        Those reported on.
    version
        Of Potash.
    """
    found = []
    for kind, members in _KINDS.items():
        used = [r for r in rows if r.kind in members and r.status == "ok"]
        if used:
            cited = _Cited()
            text = " ".join([*_SENTENCES[kind](used, cited), _error_sentence(cited, version)])
            found.append(Methods(kind, text, tuple(_WORKS[w] for w in cited.works)))
    return tuple(found)


class _Cited:
    """Works in the order in which they are first cited."""

    def __init__(self) -> None:
        self.works: list[str] = []

    def __call__(self, *names: str) -> str:
        self.works += [n for n in names if n not in self.works]
        return "[" + ", ".join(str(self.works.index(n) + 1) for n in dict.fromkeys(names)) + "]"


def _levels(rows: Iterable[Row], cited: _Cited) -> str:
    """Name levels, engines and versions with their citations."""
    parts = []
    for level, engine, version in sorted({(r.level, r.engine, r.engine_version) for r in rows}):
        n = sum((r.level, r.engine, r.engine_version) == (level, engine, version) for r in rows)
        works = [w for name, ws in _ENGINES.items() if name in engine.lower() for w in ws]
        if "pyscf" in engine.lower() and level.startswith("reference"):
            works = ["pyscf", "camb3lyp", "def2", "d3bj"]
        mark = f" {cited(*works)}" if works else ""
        named = f"{engine} {version[:40]}".strip()
        parts.append(f"{level} ({named}; {n} calculation{'s' if n > 1 else ''}){mark}")
    return "; ".join(parts)


def _of_hosts(rows: Sequence[Row], cited: _Cited) -> list[str]:
    own = [r for r in rows if r.kind == "adsorption"]
    return [
        "Adsorption energies of K, E(slab+K) - E(slab) - E(K, bcc) with all terms at one level, "
        f"were computed at the levels {_levels(own, cited)}.",
        "All sites distinct by symmetry were tried and the strongest kept; ranked values are for "
        "K-K distances of at least 8 A.",
    ]


def _of_molecules(rows: Sequence[Row], cited: _Cited) -> list[str]:
    species = [r for r in rows if r.kind == "species"]
    sentences = [
        f"Conformers were embedded with ETKDGv3 {cited('etkdg')}; vertical ionisation energies and "
        f"electron affinities are total-energy differences at the levels {_levels(species, cited)}."
    ]
    if any(r.kind == "redox" for r in rows):
        sentences.append(
            f"Potentials are from free energies in solution (ALPB {cited('alpb')} at screen) "
            "against K/K+ through the absolute potential of the hydrogen electrode "
            f"{cited('she')}, whose 0.2 V uncertainty is common to all."
        )
    if any(r.kind == "complex" for r in rows):
        sentences.append("K+ complexes are gas-phase 1:1 or given stoichiometries.")
    return sentences


def _of_electrolytes(rows: Sequence[Row], cited: _Cited) -> list[str]:
    return [
        f"Liquids were simulated with OPLS-AA {cited('opls')} and CL&P {cited('clp')} parameters "
        f"and scaled ion charges at the levels {_levels(rows, cited)}.",
        f"Trajectories were read with MDAnalysis {cited('mdanalysis')}; SSIP, CIP and AGG count "
        "distinct K+ in an anion's first shell (0, 1, 2 or more); D is given only where motion is "
        f"diffusive, and corrected for the size of the box {cited('yeh')} where a viscosity is "
        "known.",
    ]


_SENTENCES = {"hosts": _of_hosts, "molecules": _of_molecules, "electrolytes": _of_electrolytes}


def _error_sentence(cited: _Cited, version: str) -> str:
    return (
        "Values were corrected by error models fitted to pairs of levels in a class "
        f"{cited('paule')}; intervals are 95 %. Candidates are those of {cited('review')}. Potash "
        f"{version}."
    )
