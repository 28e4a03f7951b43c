"""Out to the bench and back: twelve measured rows, two of them bad, with a kill in between."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from potash.store import Store

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

HEAD = "candidate,property,value,uncertainty,unit,protocol,replicate\n"
LINES = (
    *(f"kfsi_dme_1m,diffusion_k_m2_s,{d}e-10,0.1e-10,m2/s,nmr,{n}"
      for n, d in enumerate((8.9, 9.0, 9.1))),
    "kfsi_dme_1m,conductivity_s_m,14.2,0.3,mS/cm,bulk,1",
    "kfsi_dme_1m,density_g_ml,1.02,0.004,g/mL,bulk,1",
    "kpf6_dme_1m,coulombic_efficiency,120,,%,k_cu_ce,1",
    *(f"kfsi_dme_1m,coulombic_efficiency,98.{n},0.2,%,k_cu_ce,{n}" for n in range(3)),
    *(f"kpf6_dme_1m,coulombic_efficiency,9{n}.5,0.2,%,k_cu_ce,{n}" for n in range(2)),
    "kpf6_dme_1,life_h,5,,h,symmetric,1",
)  # fmt: skip
KILLED = """
import os, signal, sys
from potash import cli
from potash.store import Store
put, done = Store.put, []
def kill_after_four(self, *given, **more):
    put(self, *given, **more)
    done.append(given)
    if len(done) == 4:
        os.kill(os.getpid(), signal.SIGKILL)
Store.put = kill_after_four
sys.argv = ["potash", "measured", "add", "filled.csv", "--by", "Ada", "--store", sys.argv[1]]
cli.main()
"""


def run(*arguments: str, folder: Path) -> tuple[int, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "potash", *arguments, "--json"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)


def test_round_trip(tmp_path: Path) -> None:
    (tmp_path / "filled.csv").write_text(HEAD + "\n".join(LINES) + "\n")
    whole, hurt = "sqlite:///whole.sqlite", "sqlite:///hurt.sqlite"
    add = ("measured", "add", "filled.csv", "--by", "Ada", "--store")

    code, found = run(*add, whole, folder=tmp_path)
    assert (code, found["added"], [r["line"] for r in found["refused"]]) == (2, 10, [7, 13])

    child = subprocess.run([sys.executable, "-c", KILLED, hurt], cwd=tmp_path, check=False)
    assert child.returncode == -9
    assert len(Store(f"sqlite:///{tmp_path}/hurt.sqlite").rows(kind="measurement")) == 4
    code, found = run(*add, hurt, folder=tmp_path)
    assert (found["added"], found["known_before"]) == (6, 4)
    keys = [
        {r.key for r in Store(f"sqlite:///{tmp_path}/{name}.sqlite").rows(kind="measurement")}
        for name in ("whole", "hurt")
    ]
    assert keys[0] == keys[1]
    assert len(keys[0]) == 10

    # K+ moves nearly twice as fast as in any simulated electrolyte: it leads now.
    (_, before), (_, after) = (
        run("rank", "electrolytes", *store, folder=tmp_path) for store in ((), ("--store", hurt))
    )
    old, new = (next(e for e in x["ranked"] if e["id"] == "kfsi_dme_1m") for x in (before, after))
    assert new["diffusion_k_m2_s"] == pytest.approx(9e-10)
    assert new["diffusion_k_simulated_m2_s"] == old["diffusion_k_m2_s"]
    assert new["rank"] == 1 < old["rank"]

    _, compared = run("measured", "compare", "--store", hurt, folder=tmp_path)
    of = {c["column"]: c for c in compared["properties"]}
    (motion,) = of["diffusion_k_m2_s"]["pairs"]
    assert motion["predicted"] == pytest.approx(old["diffusion_k_m2_s"], rel=1e-3)
    assert motion["measured"] == pytest.approx(9e-10)
    density = next(p for p in of["density_g_ml"]["pairs"] if p["candidate"] == "kfsi_dme_1m")
    assert density["measured"] == 1.02
    assert density["source"] == "Ada"
    assert (tmp_path / compared["page"]).is_file()

    suggested = [
        run("suggest", "--batch", "3", "--store", store, folder=tmp_path)[1]
        for store in (whole, hurt)
    ]
    assert suggested[0] == suggested[1]
    assert suggested[0]["measured"]["coulombic_efficiency"] >= 4
    assert not {"kfsi_dme_1m", "kpf6_dme_1m"} & set(suggested[0]["candidates"])
