#!/bin/sh
# in-fresh-directory.sh SCRIPT: runs it with sh in an empty directory, removed afterwards.
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
trap 'exit 1' HUP INT TERM
cd "$directory" || exit 1
TMPDIR=$directory sh "$1"
