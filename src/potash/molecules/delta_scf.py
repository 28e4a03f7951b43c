"""Vertical ionisation energy and electron affinity from total energies (delta-SCF)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from potash.engines import xtb
from potash.engines.dft_method import DftMethod
from potash.engines.pyscf import MOVED, DftResult, single_point
from potash.errors import CalculationError
from potash.results.calculation import Progress
from potash.structures.molecule import Structure

# IPEA1-xTB errs by less than 1 eV; an EA below this is unbound, and is not computed again.
_UNBOUND_BY_XTB_EV = -2.5
# The B3LYP LUMO lies 2 eV or more below minus the EA of a valence anion (the 32 measured
# molecules): above this one, a molecule is unbound whatever the basis.
_UNBOUND_LUMO_EV = 0.5
# Diffuse functions raise the EA of a valence anion by well under this; a molecule whose
# EA lies lower without them is unbound with them too, and their cost is saved.
_HOPELESS_EA_EV = -1.5


@dataclass(frozen=True)
class DeltaScf:
    """Vertical IP and EA from total energies.

    Attributes
    ----------
    state
        The DFT result of the molecule itself.
    ip_ev, ea_ev
        Vertical energies; ``ea_ev`` may be negative (unbound), and is ``None`` where
        tight binding already left no doubt of that.
    ea_method
        Method that decided on ``ea_ev``.
    contamination
        Largest <S^2> - S(S+1) of the ions.
    """

    state: DftResult
    ip_ev: float
    ea_ev: float | None
    ea_method: str
    contamination: float


def delta_scf(
    structure: Structure,
    method: DftMethod,
    *,
    diffuse: DftMethod,
    progress: Progress = lambda _fraction, _text: None,
) -> DeltaScf:
    """Return vertical IP and EA of a structure by total-energy differences.

    Diffuse functions are expensive, and unbound electrons converge badly, so the EA
    goes up a ladder: below -2.5 eV by IPEA1-xTB, or with a def2-SVP LUMO above 0.5 eV,
    it is unbound; else it is computed in def2-SVP, and only above -1.5 eV there in the
    basis with diffuse functions.

    Raises
    ------
    CalculationError
        If a state does not converge.
    """
    state = _state(structure, 0, method)
    progress(0.4, "cation")
    cation = _state(structure, -1, method)
    progress(0.7, "anion")
    ea, ea_method, contamination = _delta_ea(structure, method, diffuse, state)
    return DeltaScf(
        state=state,
        ip_ev=cation.energy_ev - state.energy_ev,
        ea_ev=ea,
        ea_method=ea_method,
        contamination=max(cation.spin_contamination, state.spin_contamination, contamination),
    )


def _delta_ea(
    structure: Structure, method: DftMethod, diffuse: DftMethod, state: DftResult
) -> tuple[float | None, str, float]:
    """Return the vertical EA (``None``: unbound beyond doubt), its method and contamination."""
    if len(structure.numbers) > 1 and structure.charge <= 0:
        _, quick = xtb.vertical_ip_ea(structure)
        if quick < _UNBOUND_BY_XTB_EV:
            return None, "IPEA1-xTB", 0.0
        if method != diffuse and state.lumo_ev is not None and state.lumo_ev > _UNBOUND_LUMO_EV:
            return None, f"{method.label} LUMO", 0.0
    small = method.with_basis("def2-SVP") if method == diffuse else method
    before = state if small == method else _state(structure, 0, small)
    after = _state(structure, +1, small)
    used = small
    if before.energy_ev - after.energy_ev > _HOPELESS_EA_EV:
        used = diffuse
        before = state if method == diffuse else _state(structure, 0, diffuse)
        after = _state(structure, +1, diffuse)
    label = f"delta-SCF {used.label}"
    return before.energy_ev - after.energy_ev, label, after.spin_contamination


def _state(structure: Structure, added: int, method: DftMethod) -> DftResult:
    """Return the DFT state after ``added`` electrons; the lower of the spins possible."""
    electrons = sum(structure.numbers) - structure.charge + added
    spins = [structure.unpaired]
    if added:
        spins = sorted({abs(structure.unpaired - 1), structure.unpaired + 1})
    spins = [u for u in spins if u <= electrons and (electrons - u) % 2 == 0]
    results: list[DftResult] = []
    trouble = ""
    for unpaired in spins:
        try:
            results.append(
                single_point(
                    replace(structure, charge=structure.charge - added, unpaired=unpaired),
                    method,
                    moved=MOVED.get(added),
                )
            )
        except CalculationError as error:
            trouble = str(error)
    if not results:
        raise CalculationError(trouble or "no spin state is possible")
    return min(results, key=lambda r: r.energy_ev)
