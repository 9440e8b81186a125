#!/bin/bash
# Starts the executor; in the image the package lies in /app, in a checkout beside this file.
here="$(dirname "$(readlink -f "$0")")"
[ -d "$here/shapefinder" ] || here=/app
# One BLAS thread: the matrices are small, and more threads only contend for the cores.
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}" OPENBLAS_NUM_THREADS="${OPENBLAS_NUM_THREADS:-1}"
# Any uid may run this, so nothing is written beside the code.
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONPATH="$here"
exec /usr/bin/python3 -m shapefinder
