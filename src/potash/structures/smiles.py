"""SMILES strings as molecules: one parser for the catalogue, libraries, molecules and liquids."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rdkit import Chem, rdBase

from potash.errors import InputError

# Ground states that a SMILES does not show: O2 is a triplet.
_UNPAIRED = {"O=O": 2}

MAX_CHARACTERS = 5000
"""RDKit's time grows with the square of the nesting; no molecule here is that long."""


def parse_smiles(
    smiles: str, *, allow_wildcard: bool = False, source: str = "", field: str = "smiles"
) -> Chem.Mol:
    """Return the molecule (or molecules) of a SMILES, sanitised, hydrogens implicit.

    Parameters
    ----------
    smiles
        The text; spaces around it do not count. Several parts, radicals and any
        charge are taken as written.
    allow_wildcard
        Accept ``*``, which stands for the open ends of a repeat unit.
    source, field
        Where the SMILES comes from, for the error message.

    Raises
    ------
    InputError
        If it is empty, cannot be read, breaks a valence rule, or holds a wildcard. The
        message is one line and says where RDKit stopped (characters count from 1), or
        which atom is wrong (atoms count from 0).

    Examples
    --------
    >>> parse_smiles("COCCOC").GetNumAtoms()
    6
    >>> parse_smiles("CC(=O", field="line 2")
    Traceback (most recent call last):
    potash.errors.InputError: line 2: the SMILES 'CC(=O' cannot be read: extra open parentheses, \
near character 3 ('(')
    """

    def wrong(message: str) -> InputError:
        return InputError(message, source=source, field=field)

    text = smiles.strip() if isinstance(smiles, str) else ""
    if not text:
        raise wrong("empty SMILES")
    if len(text) > MAX_CHARACTERS:
        raise wrong(f"a SMILES of {len(text)} characters; {MAX_CHARACTERS} is the limit")
    if " " in text or not text.isprintable():
        # RDKit stops at the first of these and takes what stands before it for the molecule.
        number, character = next(
            (n, c) for n, c in enumerate(text, 1) if c == " " or not c.isprintable()
        )
        raise wrong(f"the SMILES {text!r} holds {character!r} at character {number}")
    molecule, messages = _read(text)
    if molecule is None or molecule.GetNumAtoms() == 0:
        raise wrong(f"the SMILES {text!r} {_fault(text, messages)}")
    if not allow_wildcard and ("*" in text or "#0" in text):
        for atom in molecule.GetAtoms():
            if atom.GetAtomicNum() == 0:
                raise wrong(
                    f"the SMILES {text!r} holds a dummy atom '*' (atom {atom.GetIdx()}); "
                    "cap open bonds with H or C"
                )
    return Chem.Mol(molecule)


def parse_molecule(
    smiles: str,
    *,
    charge: int | None = None,
    allow_radical: bool = False,
    source: str = "",
    field: str = "smiles",
) -> Chem.Mol:
    """Return the molecule of a SMILES that stands for exactly one molecule or ion.

    Parameters
    ----------
    smiles
        One connected molecule or ion.
    charge
        Expected total charge in elementary charges; None takes what the SMILES says.
    allow_radical
        Accept unpaired electrons written in the SMILES.
    source, field
        Where the SMILES comes from, for the error message.

    Raises
    ------
    InputError
        As :func:`parse_smiles`; also for several parts, for a radical, and for another
        charge than the one stated.

    Examples
    --------
    >>> parse_molecule("O=S(=O)(F)[N-]S(=O)(=O)F", charge=-1).GetNumAtoms()
    9
    """

    def wrong(message: str) -> InputError:
        return InputError(message, source=source, field=field)

    molecule = parse_smiles(smiles, source=source, field=field)
    text = smiles.strip()
    if len(Chem.GetMolFrags(molecule)) > 1:
        raise wrong(f"the SMILES {text!r} holds several molecules; give one, without a dot")
    radical = "[" in text and any(a.GetNumRadicalElectrons() for a in molecule.GetAtoms())
    if radical and not allow_radical:
        raise wrong(f"the SMILES {text!r} is a radical; give a closed-shell molecule or ion")
    total = Chem.GetFormalCharge(molecule)
    if charge is not None and total != charge:
        raise wrong(f"the SMILES {text!r} has charge {total:+d}, but {charge:+d} is stated")
    return molecule


def canonical_smiles(molecule: Chem.Mol) -> str:
    """Return RDKit's canonical SMILES, stereochemistry included, tautomer as written.

    Examples
    --------
    >>> canonical_smiles(parse_smiles("O(C)CCOC")) == canonical_smiles(parse_smiles("COCCOC"))
    True
    """
    return str(Chem.MolToSmiles(molecule))


@dataclass(frozen=True, slots=True)
class Written:
    """What a SMILES says of a molecule, without the molecule itself.

    Attributes
    ----------
    canonical
        RDKit's canonical SMILES.
    charge
        Formal charge in elementary charges.
    n_atoms
        Atoms, hydrogens included.
    unpaired
        Unpaired electrons: radicals as written, O2 a triplet.
    """

    canonical: str
    charge: int
    n_atoms: int
    unpaired: int


def written(molecule: Chem.Mol) -> Written:
    """Return what the SMILES of a molecule says.

    Examples
    --------
    >>> written(parse_smiles("C[CH2]"))
    Written(canonical='[CH2]C', charge=0, n_atoms=7, unpaired=1)
    """
    canonical = canonical_smiles(molecule)
    unpaired = _UNPAIRED.get(canonical, 0)
    if "[" in canonical:  # atoms outside brackets have all the hydrogens that fit
        unpaired += sum(a.GetNumRadicalElectrons() for a in molecule.GetAtoms())
    return Written(
        canonical=canonical,
        charge=int(Chem.GetFormalCharge(molecule)),
        n_atoms=int(molecule.GetNumAtoms(onlyExplicit=False)),
        unpaired=unpaired,
    )


@lru_cache(maxsize=32)
def _read(text: str) -> tuple[Chem.Mol | None, str]:
    """Return what RDKit makes of a text, and what it says; validators ask for one twice."""
    with rdBase.CaptureErrorLog() as log:
        molecule = Chem.MolFromSmiles(text)
    return molecule, str(log.messages)


def _fault(text: str, log: str) -> str:
    """Return what is wrong with a text that RDKit refused, as the end of a sentence."""
    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(text, sanitize=False)
        problems = [] if molecule is None else Chem.DetectChemistryProblems(molecule)
    if problems:
        return f"is not a valid molecule: {problems[0].Message()}"
    what = re.search(r"SMILES Parse Error: (.*?)(?: while parsing| for input|\n|$)", log)
    where = re.search(r"around position (\d+)", log)
    reason = what.group(1) if what else "no atom in it"
    if where is None:
        return f"cannot be read: {reason}"
    position = int(where.group(1))
    return (
        f"cannot be read: {reason}, near character {position} ({text[position - 1 : position]!r})"
    )
