#!/bin/bash
# The image's entry point. As a process: YMIR_IN and YMIR_OUT name the job's folders (default /in and /out).
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
exec node --import tsx src/main.ts
