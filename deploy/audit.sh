#!/usr/bin/env bash
# Compare the versions of requirements-run.lock with the published advisories. `make audit` runs this; what follows it
# goes to pip-audit, for example `deploy/audit.sh --vulnerability-service osv`.
# Exit status: 0 no advisory is known, 1 some are (they are printed), 2 not every version could be compared.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2

said=$(mktemp)
trap 'rm -f "$said"' EXIT
# --strict: a package that could not be looked up would otherwise only be listed, and the audit pass.
"${PIP_AUDIT:-.venv/bin/pip-audit}" --strict --require-hashes --disable-pip --progress-spinner off --timeout 30 \
  --requirement requirements-run.lock "$@" 2>"$said"
status=$?

if [ $status -eq 0 ] || grep -q '^Found [0-9]' "$said"; then
  tail -n 1 "$said" >&2
  exit $status
fi
{
  echo "make audit: the locked versions were not compared with the advisories"
  echo "  said:  $(tail -n 1 "$said")"
  echo "  means: the advisory service (PyPI's own, or OSV's with --vulnerability-service osv) cannot be reached from"
  echo "         here, or does not know a package; nothing is known about the versions, neither good nor bad"
  echo "  fix:   run it where that service can be reached; behind a proxy set HTTPS_PROXY"
} >&2
exit 2
