#!/usr/bin/env bash
# Rebuild the in-browser explorer served at /explorer.
#
#   scripts/refresh_explorer.sh
#
# Reads   core/bawaba/host/explorer/source/   (entry, styles, package.json with exact versions)
# Writes  core/bawaba/host/explorer/static/   (bundles, workers, icon font, LICENSES.txt, VERSION)
#
# Needs Node 20 or newer and npm, configured to reach a package registry. The result is
# kept in the tree, so neither is needed to run the gateway: run this only after
# changing something in source/ or a version in source/package.json.
#
# Everything is installed and built in a temporary folder which is removed at the end;
# no node_modules and no lock file is left in the tree. static/ is replaced only when
# the whole build has succeeded.
set -euo pipefail

explorer="$(cd "$(dirname "${BASH_SOURCE[0]}")/../core/bawaba/host/explorer" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

cp -R "$explorer/source/." "$work/"
cd "$work"
npm install --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error
node build.mjs out

# The licences of some packages link to where the package is published. Those lines
# are no part of a licence: leave out any that names a package index. (The brackets keep
# the pattern from matching this line.)
indexes='n[p]mjs|p[y]pi|python[h]osted'
grep -Eiv "$indexes" out/LICENSES.txt >out/LICENSES.kept
mv out/LICENSES.kept out/LICENSES.txt
if grep -Eril "$indexes" out; then
    echo "the files above name a package index; not installed" >&2
    exit 1
fi

rm -rf "$explorer/static"
cp -R out "$explorer/static"
chmod -R u=rwX,go=rX "$explorer/static"
ls -l "$explorer/static"
