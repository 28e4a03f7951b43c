#!/bin/bash
# Build the wheel, install it into a fresh environment outside the checkout, and use it there.
#
#   scripts/try_wheel.sh [PYTHON]
#
# PYTHON is the interpreter of an environment that holds Potash's dependencies (.venv/bin/python by
# default). To save the gigabytes of a second installation the fresh environment reads these from
# there; Potash itself, its catalogue, campaigns and reference rows come from the wheel alone.
set -euo pipefail

checkout=$(cd "$(dirname "$0")/.." && pwd)
python=${1:-$checkout/.venv/bin/python}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$python" -m pip wheel -q --no-deps -w "$folder" "$checkout"
"$python" -m venv "$folder/env"
"$folder/env/bin/pip" install -q --no-deps --no-index "$folder"/potash-*.whl
libraries=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
site=$("$folder/env/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "$libraries" >"$site/dependencies.pth"

cd "$folder"
unset PYTHONPATH
potash=$folder/env/bin/potash
"$folder/env/bin/python" -c "
import potash, sys
assert potash.__file__.startswith('$folder'), potash.__file__
print('Python', sys.version.split()[0], potash.__file__)"
"$potash" run quickstart --dry-run
"$potash" hosts cu_111 --json >hosts.json
"$potash" rank hosts --json >rank.json
"$potash" new campaign mine
"$potash" run mine.yaml --dry-run
"$potash" run mine.yaml --json >run.json
"$potash" run mine.yaml --json >again.json
"$potash" ask quickstart --json >ask.json
"$potash" handoff kfsi_dme_1m cu6sn5_cu --output sheets
"$potash" status
"$folder/env/bin/python" - <<'EOF'
import json
from pathlib import Path

assert json.load(open("hosts.json"))[0]["adsorption_energy_ev"] < 0
assert len(json.load(open("rank.json"))["ranked"]) > 10
run, again = json.load(open("run.json")), json.load(open("again.json"))
assert run["computed"] > 5 and again["computed"] == 0, (run, again)
assert not run["statuses"].get("failed"), run
assert json.load(open("ask.json"))
assert len(list(Path("sheets").rglob("*.pdf"))) == 2
EOF
echo "the wheel works outside the checkout"
