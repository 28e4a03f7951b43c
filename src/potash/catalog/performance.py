"""Cell performance as tabulated in the review (its tables 2, 3 and 4): all experimental."""

from __future__ import annotations

from pydantic import Field

from potash.catalog.common import Entry, Id, Reference, Text


class FullCell(Entry):
    """Full cell of a row of table 3.

    Attributes
    ----------
    cathode
        As printed.
    anode_free
        Whether the cell was assembled without potassium metal.
    current_density_ma_g
        Per gram of cathode.
    cycles
        Number reached.
    """

    cathode: Text
    anode_free: bool
    current_density_ma_g: float = Field(gt=0)
    cycles: int = Field(gt=0)


class PerformanceRow(Entry):
    """One row: a symmetric cell, and in table 3 a full cell.

    Attributes
    ----------
    material
        As printed.
    host
        Id of the host.
    ref
        Reference number.
    current_density_ma_cm2, areal_capacity_mah_cm2
        Of the symmetric cell; None where the row has no symmetric cell.
    life_h
        Cycling life or time.
    overpotential_mv
        Table 3; not defined alike across rows.
    voltage_hysteresis_mv
        Table 4.
    full_cell
        Table 3.
    notes
        Comparison with the running text.
    """

    material: Text
    host: Id
    ref: Reference
    current_density_ma_cm2: float | None = Field(default=None, gt=0)
    areal_capacity_mah_cm2: float | None = Field(default=None, gt=0)
    life_h: float | None = Field(default=None, gt=0)
    overpotential_mv: float | None = Field(default=None, gt=0)
    voltage_hysteresis_mv: float | None = Field(default=None, gt=0)
    full_cell: FullCell | None = None
    notes: tuple[str, ...] = ()

    @property
    def cycle_period_h(self) -> float | None:
        """Time of one full cycle: 2 x areal capacity / current density."""
        if self.current_density_ma_cm2 is None or self.areal_capacity_mah_cm2 is None:
            return None
        return 2 * self.areal_capacity_mah_cm2 / self.current_density_ma_cm2

    @property
    def plated_charge_mah_cm2(self) -> float | None:
        """Charge plated over the life: life x current density / 2."""
        if self.current_density_ma_cm2 is None or self.life_h is None:
            return None
        return self.life_h * self.current_density_ma_cm2 / 2


class PerformanceTable(Entry):
    """A table of the review.

    Attributes
    ----------
    id, title, location
        Which one.
    note
        Misprinted units and the like.
    rows
        In the order of the print.
    """

    id: Id
    title: Text
    location: Text
    note: str = ""
    rows: tuple[PerformanceRow, ...]


class PerformanceFile(Entry):
    """Everything in ``performance_tables.yaml``.

    Attributes
    ----------
    notes
        What holds for all tables.
    tables
        Tables 2, 3 and 4.
    """

    notes: tuple[str, ...]
    tables: tuple[PerformanceTable, ...]
