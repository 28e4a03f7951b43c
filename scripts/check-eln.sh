#!/bin/sh
# Validate .eln archives as RO-Crates with roc-validator, in an environment of its own, because it
# needs a rich older than Potash's.
#
#   scripts/check-eln.sh results/handoff/*/*.eln
#
# The JSON-LD context of RO-Crate 1.1 is fetched once and kept; the validation itself is offline.
# Without a network, name a copy of https://w3id.org/ro/crate/1.1/context:
#
#   ROCRATE_CONTEXT=context.jsonld scripts/check-eln.sh FILE.eln
set -eu
if [ $# -eq 0 ]; then
  echo "usage: $0 FILE.eln ..." >&2
  exit 2
fi
root=$(cd "$(dirname "$0")/.." && pwd)
venv=${ROCRATE_VENV:-$root/.venv-eln}
[ -x "$venv/bin/rocrate-validator" ] || {
  "${PYTHON:-python3}" -m venv "$venv"
  "$venv/bin/pip" install -q 'roc-validator==0.13.0'
}
context=https://w3id.org/ro/crate/1.1/context
cache=$venv/contexts
if [ -n "${ROCRATE_CONTEXT:-}" ]; then
  "$venv/bin/python" - "$cache" "$context" "$ROCRATE_CONTEXT" <<'PYTHON'
import sys
from io import BytesIO
from pathlib import Path

from requests import Request, Response
from requests_cache import CachedSession
from urllib3 import HTTPResponse

cache, url, file = sys.argv[1:]
session = CachedSession(cache, backend="sqlite", expire_after=-1)
response = Response()
response.status_code, response.url, response.encoding = 200, url, "utf-8"
response.headers["Content-Type"] = "application/ld+json"
response.raw = HTTPResponse(
    BytesIO(Path(file).read_bytes()), response.headers, 200, preload_content=False, request_url=url
)
response.request = session.prepare_request(Request("GET", url))
session.cache.save_response(response)
PYTHON
elif [ ! -e "$cache.sqlite" ]; then
  "$venv/bin/rocrate-validator" -y cache warm --cache-path "$cache" --url "$context"
fi
status=0
for file in "$@"; do
  scratch=$(mktemp -d)
  "$venv/bin/python" -m zipfile -e "$file" "$scratch"
  # The archive holds one folder, which is the crate.
  if "$venv/bin/rocrate-validator" -y validate --offline --cache-path "$cache" \
    --profile-identifier ro-crate-1.1 --verbose --no-paging "$scratch"/* >"$scratch.txt" 2>&1; then
    echo "$file: valid"
  else
    status=1
    cat "$scratch.txt"
    echo "$file: not valid"
  fi
  rm -rf "$scratch" "$scratch.txt"
done
exit $status
