#!/usr/bin/env bash
# The one entry: bash ymir.sh start | stop | status | doctor | logs | demo | check-image | test (`bash
# ymir.sh help` explains them).
# It sees to Node.js and the npm packages; everything else is deploy/main.ts.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

if ! command -v node >/dev/null; then
  echo "ymir: Node.js is missing. Get version 20.19 or later from https://nodejs.org or your distribution." >&2
  exit 1
fi
if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
  echo "ymir: Node.js $(node --version) is too old: 20.19 or later is needed (https://nodejs.org)." >&2
  exit 1
fi

# npm writes node_modules/.package-lock.json last, so it is there and new only when an installation came to its end.
installed="$root/node_modules/.package-lock.json"
if [[ ! -f "$installed" || "$root/package-lock.json" -nt "$installed" ]]; then
  echo "ymir: installing the npm packages (npm ci; about a minute, 420 MB in node_modules) ..." >&2
  (cd "$root" && npm ci --loglevel=error >&2)
fi

export TSX_TSCONFIG_PATH="$root/tsconfig.json"
exec node --import "$root/node_modules/tsx/dist/loader.mjs" "$root/deploy/main.ts" "$@"
