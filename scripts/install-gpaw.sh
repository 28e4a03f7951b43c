#!/bin/sh
# Build GPAW (GPL) in an environment of its own, for the DFT levels.
#
#   scripts/install-gpaw.sh [ENVIRONMENT]        default: .venv-dft beside this checkout
#
# Potash never imports GPAW: it starts this environment's Python as a separate
# program. Needs a C++ compiler and the libxc, OpenBLAS and FFTW headers; only
# those need root (Debian, Ubuntu: apt-get install g++ libxc-dev libopenblas-dev libfftw3-dev).
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
env=${1:-"$root/.venv-dft"}
python=${PYTHON:-python3}
gpaw_version=26.7.0
data_version=1.2.1

if [ -x "$env/bin/python" ] && "$env/bin/python" -c "
import importlib.metadata as m, gpaw, gpaw_data
raise SystemExit(m.version('gpaw') != '$gpaw_version')" 2>/dev/null; then
    echo "GPAW $gpaw_version is already in $env"
    exit 0
fi

missing=""
for header in xc.h cblas.h fftw3.h; do
    printf '#include <%s>\n' "$header" | ${CC:-cc} -E - >/dev/null 2>&1 || missing="$missing $header"
done
command -v g++ >/dev/null 2>&1 || missing="$missing g++"
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
            g++ libxc-dev libopenblas-dev libfftw3-dev
    else
        echo "missing:$missing; as root: apt-get install g++ libxc-dev libopenblas-dev libfftw3-dev" >&2
        exit 1
    fi
fi

config=$(mktemp)
trap 'rm -f "$config"' EXIT
# Plane waves live on Fourier transforms: FFTW, and code for this very machine.
# mpi = False: an mpic++ without headers would break the build, and one process is what we want.
cat >"$config" <<'CONFIG'
mpi = False
compiler = 'g++'
libraries = ['xc', 'openblas', 'fftw3']
fftw = True
extra_compile_args += ['-O3', '-march=native']
noblas = False
nolibxc = False
CONFIG

"$python" -m venv "$env"
"$env/bin/python" -m pip install --quiet --upgrade pip
GPAW_CONFIG="$config" "$env/bin/python" -m pip install --quiet \
    "gpaw==$gpaw_version" "gpaw-data==$data_version" "ase>=3.26" "numpy>=2" "scipy>=1.14"
"$env/bin/python" -c "
import gpaw, _gpaw
from gpaw.fftw import have_fftw
raise SystemExit(not have_fftw())" >/dev/null
echo "GPAW $gpaw_version is ready in $env"
