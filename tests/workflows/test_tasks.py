"""What is sent to Prefect tasks."""

from __future__ import annotations

from potash.engines.adsorption_levels import adsorption_level
from potash.hosts.k_metal import k_metal_calculation
from potash.workflows.tasks import from_text, to_text
from tests.synthetic_calculations import calculation


def test_calculations_keep_their_keys_as_text() -> None:
    portion = [calculation(5), k_metal_calculation(adsorption_level("screen"))]
    sent = from_text(to_text(portion))
    assert sent == portion
    assert [c.key for c in sent] == [c.key for c in portion]
    assert [(c.item, c.level, c.cost_s) for c in sent] == [
        (c.item, c.level, c.cost_s) for c in portion
    ]
