from dataclasses import replace

from potash.catalog import load_catalog
from potash.catalog.formulations import Amount, Component, Formulation
from potash.catalog.mixing import doubt_of_mixing


def doubt(molarity: float, solvent: str, diluent: str = "", *, miscible=(), proposed=True) -> str:
    parts = [Component(species="kfsi", role="salt", amount=Amount(value=molarity, unit="mol/L"))]
    for name, role in ((solvent, "solvent"), (diluent, "diluent")):
        if name:
            unit = Amount(value=1, unit="volume_ratio") if diluent else Amount(unit="balance")
            parts.append(Component(species=name, role=role, amount=unit))
    new = Formulation(id="new_one", name="new", components=tuple(parts))
    catalog = load_catalog()
    catalog = replace(
        catalog,
        electrolytes={**catalog.electrolytes, new.id: new},
        proposed=frozenset({new.id} if proposed else ()),
    )
    return doubt_of_mixing(new, catalog, miscible)


def test_what_somebody_made_is_known_up_to_its_content() -> None:
    assert doubt(1, "dme") == ""
    assert doubt(0.5, "dme") == ""
    assert doubt(40, "dme") == "whether kfsi dissolves in dme at 40 mol/L"


def test_what_nobody_made_is_a_doubt_unless_the_campaign_says_so() -> None:
    assert "kfsi dissolves in adn" in doubt(1, "adn")
    assert doubt(1, "adn", miscible=[("adn", "kfsi")]) == ""


def test_a_diluent_has_to_mix_with_the_solvent_and_need_not_dissolve_the_salt() -> None:
    said = doubt(1, "dme", "adn")
    assert "dme mixes with adn" in said
    assert "kfsi" not in said
    assert doubt(1, "dme", "adn", miscible=[("dme", "adn")]) == ""


def test_a_formulation_of_somebody_is_never_in_doubt() -> None:
    assert doubt(40, "adn", proposed=False) == ""
