"""Force calls of the site search beside relaxing every site, and whether both find the same.

    python benchmarks/site_search.py [MODEL ...]

``every site``: each symmetry-distinct candidate is relaxed. ``search``: one or two force
calls a site on the frozen surface, then only the best few are relaxed (what Potash
does). Both at `screen`, on the small cell or sheet of each model.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from potash.catalog.catalog import load_catalog
from potash.engines.adsorption_levels import adsorption_level
from potash.hosts.adsorption import surface_inputs, surfaces
from potash.hosts.screening import Screened, screen
from potash.results.adsorption import AdsorptionInputs, SiteSearch

MODELS = ("al_111", "k2s_111", "vs2_basal", "kf_100", "graphitic_n_graphene")
SAME_EV = 0.02
EVERY_SITE = SiteSearch(max_sites=200, relax_sites=200, window_ev=1e9)


def run(model: str, search: SiteSearch) -> tuple[Screened, float]:
    """Return the search on the first termination of a model, and its seconds."""
    recipe = load_catalog().models[model].recipe
    if recipe is None:
        raise SystemExit(f"{model} is not modelled")
    level = adsorption_level("screen")
    _, surface = surfaces(recipe, model)[0]
    inputs = surface_inputs(AdsorptionInputs, recipe, surface, level, search=search)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = screen(
            inputs,
            level.fingerprint,
            workdir=Path(folder),
            progress=lambda _fraction, _text: None,
        )
    return found, time.monotonic() - started


def main() -> None:
    """Print one line per model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", default=MODELS)
    print("model                   sites  calls: every site  search  ratio  lowest site the same")
    for model in parser.parse_args().models:
        every, _ = run(model, EVERY_SITE)
        ours, _ = run(model, SiteSearch())
        gap = (ours.placed[0].energy_ev or 0.0) - (every.placed[0].energy_ev or 0.0)
        same = "yes" if abs(gap) < SAME_EV else f"no, {gap:+.3f} eV"
        print(
            f"{model:24}{len(every.placed):5}{every.force_calls:19}{ours.force_calls:8}"
            f"{every.force_calls / ours.force_calls:7.1f}  {same}",
            flush=True,
        )


if __name__ == "__main__":
    main()
