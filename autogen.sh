#!/bin/sh
# Makes the configure script from configure.ac.
set -eu
cd "$(dirname "$0")"
exec autoreconf --install --force "$@"
