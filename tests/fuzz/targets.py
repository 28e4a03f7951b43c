"""Every parser of input that is not ours, with small valid inputs to start from."""

from __future__ import annotations

import gzip
import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Target:
    """A parser.

    Attributes
    ----------
    name
        Of the parser.
    seeds
        Valid inputs.
    read
        Reads the input, whose copy lies in a file of the given folder.
    suffix
        Name of that file.
    binary
        Read by C code that a damaged file may end; users meet it in a child process only.
    """

    name: str
    seeds: Callable[[], tuple[bytes, ...]]
    read: Callable[[Path, bytes], object]
    file: str
    binary: bool = False


CAMPAIGN = b"""name: x
seed: 1
catalog: own
hosts:
  items: [cu_111, pristine_graphene]
  levels: [screen]
  extra: {standard: [cu_111]}
molecules:
  items: &mine [dme, fsi_minus]
  levels: [screen]
complexes:
  items:
    - {metal: K, ligands: [dme]}
liquids:
  items: [kfsi_dme_1m]
  n_atoms: 1000
  seeds: [1, 2]
"""
FORMULATIONS = b"""formulations:
  - id: mine
    name: my electrolyte
    kind: liquid
    temperature_k: 298.15
    components:
      - {species: kfsi, role: salt, amount: {value: 1.5, unit: mol/L}}
      - {species: dme, role: solvent, amount: {unit: balance}}
"""
SPECIES = b"""species:
  - id: mine
    name: my solvent
    smiles: COCCOCC
    formula: C5H12O2
    charge: 0
"""
CIF = b"""data_x
_cell_length_a 3.61
_cell_length_b 3.61
_cell_length_c 3.61
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'F m -3 m'
_symmetry_Int_Tables_number 225
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
Cu1 Cu 0 0 0 1
"""
CIF_P1 = (
    CIF.replace(b"'F m -3 m'", b"'P 1'")
    .replace(b" 225", b" 1")
    .replace(
        b"loop_\n",
        b"loop_\n_space_group_symop_operation_xyz\n'x, y, z'\n'-x, -y, z+1/2'\nloop_\n",
        1,
    )
)
POSCAR = b"""Cu
1.0
3.61 0 0
0 3.61 0
0 0 3.61
Cu O
1 1
Selective dynamics
Direct
0 0 0 T T F
0.5 0.5 0.5 T T T
"""
EXTXYZ = b"""2
Lattice="3.6 0 0 0 3.6 0 0 0 3.6" Properties=species:S:1:pos:R:3 pbc="T T F" energy=-1.0
Cu 0.0 0.0 0.0
O 1.8 1.8 1.8
"""
XYZ = b"3\nwater\nO 0 0 0\nH 0.96 0 0\nH -0.24 0.93 0\n"
SMILES = (
    b"COCCOC", b"F[P-](F)(F)(F)(F)F", b"C[C@H](O)C(=O)[O-]", b"c1ccc2[nH]ccc2c1", b"[13CH3]C#N",
    b"F/C=C/F", b"O=S(=O)(F)[N-]S(=O)(=O)F", b"C1CC2CCC1CC2", b"[Fe+2]", b"[2H]O[2H]", b"N(=O)[O-]",
)  # fmt: skip
MILLER = (b"(111)", b"1,1,0", b"1-10", b"(10-10)", b"(1 0 -1)", b"2,2,0", b"-1,-1,0")
FORMULA = (b"C4H10O2", b"KPF6", b"Al2O3", b"Ti3C2F2", b"KN(SO2F)2", b"CuSO4(H2O)5", b"K0.5MnO2")


def _campaign(path: Path, data: bytes) -> object:
    from potash.catalog.campaign import load_campaign

    own = path.parent / "own"
    if not own.is_dir():
        own.mkdir()
        (own / "species.yaml").write_bytes(SPECIES)
    return load_campaign(path)


def _folder(path: Path, data: bytes) -> object:
    from potash.catalog.catalog import load_catalog

    return load_catalog(path.parent)


def _atoms(path: Path, data: bytes) -> object:
    from potash.structures.files import read_atoms

    return read_atoms(path)


def _molecule_xyz(path: Path, data: bytes) -> object:
    from potash.structures.files import read_molecule_xyz

    return read_molecule_xyz(path)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _smiles(path: Path, data: bytes) -> object:
    from potash.structures.smiles import canonical_smiles, parse_molecule, parse_smiles, written

    molecule = parse_smiles(_text(data))
    written(molecule)
    canonical_smiles(molecule)
    return parse_molecule(_text(data))


def _library(path: Path, data: bytes) -> object:
    from potash.structures.library import read_library

    return read_library(path)


def _miller(path: Path, data: bytes) -> object:
    from potash.structures.miller import miller_index

    return miller_index(_text(data))


def _formula(path: Path, data: bytes) -> object:
    from potash.catalog.species import element_counts
    from potash.errors import InputError

    try:
        return element_counts(_text(data))
    except ValueError as error:  # its models turn this into an input error with file and line
        if type(error) is not ValueError or "\n" in str(error):
            raise
        raise InputError(str(error)) from None


def _store_file(path: Path, data: bytes) -> object:
    from potash.store.store import Store

    store = Store(path)
    try:
        return list(store.rows())
    finally:
        store.close()


def _store_url(path: Path, data: bytes) -> object:
    from potash.store.store import Store

    text = _text(data)
    # No mutant may reach another machine, or a folder outside its own.
    if "@127.0.0.1:1/" not in text and not text.startswith("sqlite:///mine"):
        return None
    if "/.." in text or "host=" in text:
        return None
    store = Store(text)
    store.close()
    return None


def _rows(path: Path, data: bytes) -> object:
    from potash.store.importing import import_rows

    return import_rows(path.parent)


def _analysis(path: Path, data: bytes) -> object:
    from potash.trajectories.analysis import analyze_files

    return analyze_files(path, cutoff=4.0, sensitivity=0.1)


def _analysis_of_frames(path: Path, data: bytes) -> object:
    from potash.trajectories.analysis import analyze_files

    topology = path.parent / "topology.gro"
    if not topology.exists():
        topology.write_bytes(_made("x.gro"))
    offsets = [*path.parent.glob(".*_offsets.*")]
    for file in offsets:
        file.unlink()
    return analyze_files(topology, path, cutoff=4.0, sensitivity=0.1)


def _analysis_of_dump(path: Path, data: bytes) -> object:
    from potash.trajectories.analysis import analyze_files

    topology = path.parent / "x.data"
    if not topology.exists():
        topology.write_bytes(_made("x.data"))
    return analyze_files(topology, path, cutoff=4.0, sensitivity=0.1, time_unit="fs")


@cache
def _all_made() -> dict[str, bytes]:
    """Files of one small liquid in every format."""
    import warnings

    import ase
    import ase.io
    import MDAnalysis as mda  # noqa: N813

    from potash.trajectories.opening import open_universe
    from tests.trajectories.liquids import liquid

    made = liquid({"K": 2, "PF6": 2, "WAT": 2}, n_frames=3)
    found: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = Path(name)
        made.write_gro(folder / "x.gro")
        made.write_lammps(folder, step_fs=1000.0)
        made.write_extxyz(folder / "x.extxyz")
        frames = [ase.Atoms(made.symbols, f, cell=[made.edge] * 3, pbc=True) for f in made.frames]
        ase.io.write(folder / "XDATCAR", frames, format="vasp-xdatcar")
        ase.io.write(folder / "x.traj", frames)
        read = open_universe(folder / "x.gro")
        read.add_TopologyAttr("elements", made.symbols)
        read.atoms.write(folder / "x.pdb")
        for suffix in ("xtc", "trr", "dcd", "nc"):
            with mda.Writer(str(folder / f"x.{suffix}"), read.atoms.n_atoms, dt=2.0) as writer:
                for _ in read.trajectory:
                    writer.write(read.atoms)
        for file in folder.iterdir():
            found[file.name] = file.read_bytes()
        found["x.lammpstrj.gz"] = gzip.compress(found["x.lammpstrj"])
        found.update(_stores(folder))
    return found


def _stores(folder: Path) -> dict[str, bytes]:
    from potash.store.exchange import export_rows
    from potash.store.store import Store
    from tests.synthetic_rows import species

    store = Store(folder / "a.sqlite")
    store.add_missing([species("dme", "COCCOC", 8.0, level="reference")])
    out = folder / "exported"
    export_rows(store.rows(), out)
    export_rows(store.rows(), folder / "csv", file_format="csv")
    store.close()
    return {
        "a.sqlite": (folder / "a.sqlite").read_bytes(),
        "a.parquet": next(out.rglob("*.parquet")).read_bytes(),
        "a.csv": next((folder / "csv").rglob("*.csv")).read_bytes(),
    }


def _made(name: str) -> bytes:
    return _all_made()[name]


def _from(*names: str) -> Callable[[], tuple[bytes, ...]]:
    return lambda: tuple(_made(name) for name in names)


def _given(*seeds: bytes) -> Callable[[], tuple[bytes, ...]]:
    return lambda: seeds


def _library_csv() -> tuple[bytes, ...]:
    buffer = io.BytesIO()
    buffer.write(b"id,SMILES,note\n" + b"".join(b"m%d,%s,x\n" % p for p in enumerate(SMILES)))
    return (buffer.getvalue(), b'smiles\n"CCO"\nO\n')


TARGETS: dict[str, Target] = {
    t.name: t
    for t in (
        Target("campaign file (YAML)", _given(CAMPAIGN), _campaign, "c.yaml"),
        Target("own species (YAML)", _given(SPECIES), _folder, "species.yaml"),
        Target("own formulations (YAML)", _given(FORMULATIONS), _folder, "formulations.yaml"),
        Target("CIF", _given(CIF, CIF_P1), _atoms, "x.cif"),
        Target("POSCAR", _given(POSCAR), _atoms, "x.vasp"),
        Target("extended XYZ", _given(EXTXYZ), _atoms, "x.extxyz"),
        Target("XYZ of a molecule", _given(XYZ), _molecule_xyz, "x.xyz"),
        Target("SMILES", _given(*SMILES), _smiles, "smiles"),
        Target("library (CSV)", _library_csv, _library, "x.csv"),
        Target("library (SMI)", _given(b"\n".join(SMILES)), _library, "x.smi"),
        Target("Miller indices", _given(*MILLER), _miller, "miller"),
        Target("formulas", _given(*FORMULA), _formula, "formula"),
        Target("rows (Parquet)", _from("a.parquet"), _rows, "x.parquet", binary=True),
        Target("rows (CSV)", _from("a.csv"), _rows, "x.csv"),
        Target("store file (SQLite)", _from("a.sqlite"), _store_file, "x.sqlite"),
        Target("store URL", _given(
            b"sqlite:///mine.sqlite", b"postgresql://u:p@127.0.0.1:1/db?connect_timeout=1"
        ), _store_url, "url"),
        Target("liquid: GRO", _from("x.gro"), _analysis, "x.gro"),
        Target("liquid: PDB", _from("x.pdb"), _analysis, "x.pdb"),
        Target("liquid: extended XYZ", _from("x.extxyz"), _analysis, "x.xyz"),
        Target("liquid: XDATCAR", _from("XDATCAR"), _analysis, "XDATCAR"),
        Target("liquid: ASE traj", _from("x.traj"), _analysis, "x.traj"),
        Target("liquid: LAMMPS data", _from("x.data"), _analysis, "x.data"),
        Target("liquid: LAMMPS dump", _from("x.lammpstrj"), _analysis_of_dump, "x.lammpstrj"),
        Target("liquid: gzipped dump", _from("x.lammpstrj.gz"), _analysis_of_dump, "x.dump.gz"),
        Target("liquid: XTC", _from("x.xtc"), _analysis_of_frames, "x.xtc", binary=True),
        Target("liquid: TRR", _from("x.trr"), _analysis_of_frames, "x.trr", binary=True),
        Target("liquid: DCD", _from("x.dcd"), _analysis_of_frames, "x.dcd", binary=True),
        Target("liquid: AMBER NetCDF", _from("x.nc"), _analysis_of_frames, "x.nc", binary=True),
    )
}  # fmt: skip
