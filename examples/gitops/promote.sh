#!/usr/bin/env bash
# Commits a promotion to the branch BRANCH: config.yaml with other settings, and what it renders to. Nothing is committed of a configuration
# that is unsound, and nothing is pushed.
#
#   BRANCH=promote-7 bash promote.sh coding.serves.version=7
set -euo pipefail
cd "$(dirname "$0")"
: "${BRANCH:?the name of the branch}"

git switch --create "$BRANCH"
node promote.mjs config.yaml "$@"
npx --no-install bouture validate config.yaml
npx --no-install bouture synth config.yaml
git add config.yaml charts-out
git -c user.name=promote -c user.email=promote@localhost commit --message "Promote $*"
