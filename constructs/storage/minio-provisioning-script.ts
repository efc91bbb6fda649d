/** Files of the declared state, as keys of the ConfigMap that the provisioning Job mounts. */
export const PROVISIONING_FILES = {
  script: 'provision.sh',
  /** A line a bucket: name, versioning (`on` or `off`), quota in bytes (0 for none), separated by tabs. */
  buckets: 'buckets.tsv',
  /** A line a user: its access key. */
  users: 'users.txt',
  /** Lifecycle of a bucket, as `mc ilm rule import` reads it. @param bucket its name */
  lifecycle: (bucket: string): string => `lifecycle.${bucket}.json`,
  /** A line a policy that no user of this store has, but people whose token names it. */
  people: 'people.txt',
  /** Such a policy. @param name its name */
  peoplePolicy: (name: string): string => `people.${name}.json`,
  /** Policy of a user. @param user its access key */
  policy: (user: string): string => `policy.${user}.json`,
} as const;

/**
 * Brings the buckets, policies and users of a MinIO to the declared state; running it again changes nothing. It reads
 * - `$SPEC`: the folder of the declared state, with the files named above;
 * - `$SECRETS`: files `root/rootUser`, `root/rootPassword` and `users/<user>/secretAccessKey`;
 * - `$STORE_URL`, `$MC_CONFIG_DIR` (a folder that it may write to) and `$CA_FILE` (empty where the system's authorities serve).
 *
 * No command line ever holds a secret: `mc alias set` and `mc admin user add` read from standard input what their arguments lack, and
 * `printf` is a builtin of the shell. Versioning, quota, lifecycle and anonymous access of a declared bucket and the policies of a
 * declared user become exactly what is declared. What is not declared is told and left alone: nothing here deletes data.
 */
export const PROVISIONING_SCRIPT = String.raw`#!/bin/bash
set -euo pipefail
export MC_DISABLE_PAGER=1 MC_NO_COLOR=1

connect() {
  mkdir -p "$MC_CONFIG_DIR/certs/CAs"
  if [ -n "$CA_FILE" ]; then cp "$CA_FILE" "$MC_CONFIG_DIR/certs/CAs/store.crt"; fi
  printf '%s\n%s\n' "$(<"$SECRETS/root/rootUser")" "$(<"$SECRETS/root/rootPassword")" |
    mc alias set store "$STORE_URL" --api S3v4 >/dev/null
  timeout 300 mc ready store
}

bucket() { # NAME on|off QUOTA_BYTES
  local target="store/$1" lifecycle="$SPEC/lifecycle.$1.json" state removed
  mc mb --ignore-existing "$target"

  state=$(mc version info --json "$target")
  case "$2 $state" in
    'on '*'"versioning":{"status":"Enabled"'*) ;;
    'on '*) mc version enable "$target" ;;
    'off '*'"versioning":{"status":"Enabled"'*) mc version suspend "$target" ;;
  esac

  if [ "$3" = 0 ]; then mc quota clear "$target"; else mc quota set "$target" --size "$3"; fi

  if [ -f "$lifecycle" ]; then
    mc ilm rule import "$target" <"$lifecycle"
  elif ! removed=$(mc ilm rule rm --all --force "$target" 2>&1); then
    case "$removed" in
      *'lifecycle configuration does not exist'*) ;;
      *) printf '%s\n' "$removed" >&2; return 1 ;;
    esac
  fi

  mc anonymous set private "$target"
}

user() { # NAME
  local wanted="" attached policy IFS=,
  printf '%s\n%s\n' "$1" "$(<"$SECRETS/users/$1/secretAccessKey")" | mc admin user add store
  if [ -f "$SPEC/policy.$1.json" ]; then
    wanted="consumer-$1"
    mc admin policy create store "$wanted" "$SPEC/policy.$1.json"
    mc admin policy attach store "$wanted" --user "$1"
  fi
  attached=$(mc admin user info store "$1" --json | sed -n 's/.*"policyName":"\([^"]*\)".*/\1/p')
  for policy in $attached; do
    if [ "$policy" != "$wanted" ]; then mc admin policy detach store "$policy" --user "$1"; fi
  done
}

report() { # KIND FILE, names on standard input
  local name
  while read -r name; do
    if ! cut -f 1 "$2" | grep -xF -e "$name" >/dev/null; then
      printf '%s "%s" is not declared: left as it is\n' "$1" "$name"
    fi
  done
}

connect
while read -r -u 3 name; do
  mc admin policy create store "$name" "$SPEC/people.$name.json" </dev/null
done 3<"$SPEC/people.txt"
while IFS=$'\t' read -r -u 3 name versioning quota; do
  bucket "$name" "$versioning" "$quota" </dev/null
done 3<"$SPEC/buckets.tsv"
while read -r -u 3 name; do
  user "$name"
done 3<"$SPEC/users.txt"
mc ls store --json | sed -n 's|.*"key":"\([^"]*\)/".*|\1|p' | report bucket "$SPEC/buckets.tsv"
mc admin user ls store --json | sed -n 's/.*"accessKey":"\([^"]*\)".*/\1/p' | report user "$SPEC/users.txt"
echo 'the store is as declared'
`;
