import { KUBECTL_ACCOUNT } from '../platform/kubectl-account';
/** Files of the ConfigMap that the keeper reads. */
export const KEEPER_FILES = {
  script: 'keep.sh',
  /** What every user's space holds, as a list of Kubernetes objects without a namespace. */
  user: 'user.json',
  /** What every project's space holds. */
  project: 'project.json',
} as const;

/** Label that tells by which version of the template an object was written. */
export const TEMPLATE_LABEL = 'bouture.dev/space-template';

/** Who owns the fields that the keeper writes. */
export const KEEPER_MANAGER = 'bouture-spaces';

/**
 * Writes the guards of people's spaces into every namespace whose name begins as theirs do and that this library did not make. It reads
 * - `$SPEC`: the folder with the files named above;
 * - `$USER_PREFIX`, `$PROJECT_PREFIX`: how the names of spaces begin;
 * - `$LABEL`, `$TEMPLATE`, `$OBJECTS`: the label of a template's version, the version of the template and the number of objects in it;
 * - `$MANAGER`: who owns the fields that it writes;
 * - `$STATE`: a folder that it may write to; `alive` is touched after each round, `ready` after each that went well;
 * - `$INTERVAL`, `$FULL_INTERVAL`: seconds between two looks, and between two rounds that write everything anew.
 *
 * Between full rounds a space is written only when an object of this version is missing in it: two reads a round, however many spaces
 * there are. The LimitRange is the last object of a template, so that a space that has it has all others too. With the argument `once` it
 * does one full round and ends; the exit code tells whether all went well.
 */
export const KEEPER_SCRIPT = String.raw`#!/bin/bash
set -uo pipefail

${KUBECTL_ACCOUNT}
kube() { kubectl --request-timeout=30s "$@"; }

spaces() { # the namespaces that others made
  kube get namespaces --selector 'app.kubernetes.io/managed-by!=bouture' --field-selector status.phase=Active \
    --output 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}'
}

complete() { # the namespaces that hold every object of this version
  kube get networkpolicies,resourcequotas,limitranges,serviceaccounts --all-namespaces \
    --selector "$LABEL=$TEMPLATE" --output 'jsonpath={range .items[*]}{.metadata.namespace}{"\n"}{end}' |
    sort | uniq --count | while read -r count name; do
      if [ "$count" -ge "$OBJECTS" ]; then printf '%s\n' "$name"; fi
    done
}

write() { # NAME
  local template
  case "$1" in
    "$USER_PREFIX"*) template=user ;;
    "$PROJECT_PREFIX"*) template=project ;;
    *) return 0 ;;
  esac
  if ! kube apply --server-side --force-conflicts --field-manager "$MANAGER" --namespace "$1" \
    --filename "$SPEC/$template.json" >"$STATE/output" 2>&1; then
    printf 'space "%s" could not be written:\n' "$1" >&2
    cat "$STATE/output" >&2
    return 1
  fi
  printf 'space "%s" is as the template says\n' "$1"
}

look() { # full|missing
  local names done='' name failed=0
  names=$(spaces) || return 1
  if [ "$1" = missing ]; then done=$(complete) || return 1; fi
  for name in $names; do
    case $'\n'"$done"$'\n' in *$'\n'"$name"$'\n'*) continue ;; esac
    write "$name" || failed=1
  done
  return "$failed"
}

if [ "${'$'}{1-}" = once ]; then
  look full
  exit
fi

trap 'exit 0' TERM INT
next_full=0
while :; do
  mode=missing
  if [ "$SECONDS" -ge "$next_full" ]; then
    mode=full
    next_full=$((SECONDS + FULL_INTERVAL))
  fi
  if look "$mode"; then touch "$STATE/ready"; fi
  touch "$STATE/alive"
  sleep "$INTERVAL" &
  wait $!
done
`;
