import { isSet, when } from '../functions';
import { object, objectName } from '../object';
import { definePart } from '../part';
import { value } from '../schema';
import { AUTHORITIES, BUNDLE, SYSTEM_BUNDLE } from './surroundings';

/** Folder in which the container finds the start script. */
const FOLDER = '/opt/bouture/start';

/** What a container begins with: the script, and behind it the program that it becomes. */
export const START: readonly string[] = ['bash', `${FOLDER}/start.sh`];

/**
 * Prepares a container for its person and then becomes the program that it is given. It needs bash, curl, git and jq in the image, and
 * prepares mc, DuckDB of Python and R where the image has them.
 *
 * A step that fails is told in the log, and the service starts nevertheless: only in it can the person repair what was wrong. Whatever is
 * fetched comes over TLS that is verified, after a redirection too.
 */
export const START_SCRIPT = String.raw`#!/bin/bash
set -uo pipefail

say() { printf 'start: %s\n' "$*" >&2; }

# fetch URL FILE [OPTION...]
fetch() {
  local url=$1 file=$2
  shift 2
  curl --fail --silent --show-error --location --proto '=https' --proto-redir '=https' --tlsv1.2 --connect-timeout 10 \
    --max-time 120 --output "$file" "$@" -- "$url"
}

# The office's authorities stand beside those of the image, never in their place.
trust() {
  mkdir -p "$(dirname "$BUNDLE")"
  : >"$BUNDLE.new"
  local system
  for system in "$SYSTEM_BUNDLE" /etc/pki/tls/certs/ca-bundle.crt; do
    if [ -r "$system" ]; then
      cat "$system" >>"$BUNDLE.new"
      break
    fi
  done
  printf '\n' >>"$BUNDLE.new"
  cat "$AUTHORITIES/ca.crt" >>"$BUNDLE.new" && mv "$BUNDLE.new" "$BUNDLE" || return 1
  # Some programs read the system's file and no variable, DuckDB among them. Images of this library let their person write it.
  if [ -w "$SYSTEM_BUNDLE" ]; then cat "$BUNDLE" >"$SYSTEM_BUNDLE"; fi
}

# The keys of one secret become environment variables. The token goes to curl through a file that only this process reads.
read_vault() {
  local answer=$scratch/vault.json name
  fetch "$VAULT_ADDR/v1/$VAULT_MOUNT/data/$VAULT_TOP_DIR/$VAULT_RELATIVE_PATH" "$answer" \
    --header @<(printf 'X-Vault-Token: %s\n' "$VAULT_TOKEN") || return 1
  while IFS= read -r -d '' name && IFS= read -r -d '' text; do
    case $name in
      PATH | HOME | BASH_ENV | ENV | LD_* | IFS) say "$VAULT_RELATIVE_PATH: $name is not taken from Vault" ;;
      *) export "$name=$text" ;;
    esac
  done < <(jq -j '.data.data | to_entries[] | select(.key | test("^[A-Za-z_][A-Za-z0-9_]*$")) | (.key, "\u0000", (.value | tostring), "\u0000")' "$answer")
  rm -f "$answer"
}

configure_git() {
  [ -z "$GIT_USER_NAME" ] || git config --global user.name "$GIT_USER_NAME"
  [ -z "$GIT_USER_MAIL" ] || git config --global user.email "$GIT_USER_MAIL"
  # The token is for the host of the repository alone, and stays in the environment: in no file and in no address.
  if [ -n "$GIT_PERSONAL_ACCESS_TOKEN" ] && [[ $GIT_REPOSITORY =~ ^(https://[^/]+) ]]; then
    git config --global "credential.${'${BASH_REMATCH[1]}'}.helper" \
      '!f() { test "$1" = get && printf "username=token\npassword=%s\n" "$GIT_PERSONAL_ACCESS_TOKEN"; }; f'
  elif [ -n "$GIT_CREDENTIALS_CACHE_DURATION" ]; then
    git config --global credential.helper "cache --timeout=$GIT_CREDENTIALS_CACHE_DURATION"
  fi
}

clone() {
  local folder
  folder=$(basename "$GIT_REPOSITORY" .git)
  if [ -e "$folder" ]; then
    say "$folder is there already: not cloning"
    return 0
  fi
  GIT_TERMINAL_PROMPT=0 git clone ${'${GIT_BRANCH:+--branch "$GIT_BRANCH"}'} -- "$GIT_REPOSITORY" "$folder"
}

# mc reads an address with the credentials in it.
configure_mc() {
  local address=${'${AWS_ENDPOINT_URL#*://}'} credentials=$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY
  export MC_HOST_s3=${'${AWS_ENDPOINT_URL%%://*}://$credentials${AWS_SESSION_TOKEN:+:$AWS_SESSION_TOKEN}@$address'}
}

# DuckDB reads no environment. Its secret is in the home directory, which goes with the Pod.
configure_duckdb() {
  python3 - <<'PYTHON'
import os, duckdb

def quoted(name):
    return "'" + os.environ.get(name, "").replace("'", "''") + "'"

encrypted = os.environ["AWS_ENDPOINT_URL"].startswith("https://")
style = "path" if os.environ.get("AWS_PATH_STYLE_ACCESS") == "true" else "vhost"
duckdb.sql(
    f"""LOAD httpfs; CREATE OR REPLACE PERSISTENT SECRET s3 (TYPE s3, KEY_ID {quoted("AWS_ACCESS_KEY_ID")},
    SECRET {quoted("AWS_SECRET_ACCESS_KEY")}, SESSION_TOKEN {quoted("AWS_SESSION_TOKEN")}, REGION {quoted("AWS_DEFAULT_REGION")},
    ENDPOINT {quoted("AWS_S3_ENDPOINT")}, URL_STYLE '{style}', USE_SSL {encrypted})"""
)
PYTHON
}

# R's sessions in RStudio have an environment of their own, which they take from this file.
configure_r() {
  local name
  : >"$HOME/.Renviron"
  chmod 600 "$HOME/.Renviron"
  for name in $(compgen -e | grep -E '^(AWS|VAULT|GIT|MLFLOW|PG|S3)_?[A-Z_0-9]*$|^(https?|no)_proxy$|^(SSL|CURL|REQUESTS)_'); do
    case ${'${!name}'} in
      *[\"\'\\]* | *${"'${'"}* | *$'\n'*) say "R: $name is left out, for R cannot read its value" ;;
      *) printf '%s="%s"\n' "$name" "${'${!name}'}" >>"$HOME/.Renviron" ;;
    esac
  done
  if [ -n "${'${R_REPOSITORY:-}'}" ]; then
    printf 'options(repos = c(CRAN = "%s"))\n' "$R_REPOSITORY" >"$HOME/.Rprofile"
  fi
}

# initialize WHAT URL [ARGUMENT...]
initialize() {
  local what=$1 url=$2
  shift 2
  fetch "$url" "$scratch/$what.sh" || return 1
  bash "$scratch/$what.sh" "$@"
}

# step WHAT COMMAND [ARGUMENT...]
step() {
  local what=$1
  shift
  if "$@"; then say "$what: done"; else say "$what: failed, and the service starts without"; fi
}

BUNDLE=${BUNDLE}
AUTHORITIES=${AUTHORITIES}
SYSTEM_BUNDLE=${SYSTEM_BUNDLE}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if [ -r "$AUTHORITIES/ca.crt" ]; then step 'certificate authorities' trust; fi
if [ -n "${'${VAULT_RELATIVE_PATH:-}'}" ]; then step 'secret of Vault' read_vault; fi
if [ -n "${'${AWS_ENDPOINT_URL:-}'}" ]; then
  step 'object store for mc' configure_mc
  if python3 -c 'import duckdb' 2>/dev/null; then step 'object store for DuckDB' configure_duckdb; fi
fi
if command -v R >/dev/null; then step 'R' configure_r; fi
if [ -n "${'${GIT_USER_NAME+set}'}" ]; then step 'Git' configure_git; fi
if [ -n "${'${GIT_REPOSITORY:-}'}" ]; then step 'repository' clone; fi
if [ -n "${'${REGION_INIT_SCRIPT:-}'}" ]; then step "the office's script" initialize region "$REGION_INIT_SCRIPT"; fi
if [ -n "${'${PERSONAL_INIT_SCRIPT:-}'}" ]; then
  read -r -a arguments <<<"${'${PERSONAL_INIT_ARGS:-}'}"
  step 'your script' initialize personal "$PERSONAL_INIT_SCRIPT" ${'${arguments[@]+"${arguments[@]}"}'}
fi

rm -rf "$scratch"
trap - EXIT
exec "$@"
`;

/**
 * The start script, with the scripts that it fetches: the office's (`REGION_INIT_SCRIPT`) and the person's (`PERSONAL_INIT_SCRIPT` with
 * `PERSONAL_INIT_ARGS`). It acts on what the parts `caBundle`, `vault` and `git` put into the environment. Begin the container's command
 * with `START`.
 */
export function personalInit() {
  const address = '^(https://[^\\s/]+/\\S*)?$';
  return definePart(
    {
      init: value.group(
        { title: { en: 'Start', fr: 'Démarrage' }, instanceSchema: 'ide/init.json' },
        {
          regionInit: value.text({ default: '', pattern: address, hidden: true }),
          personalInit: value.text({
            default: '',
            pattern: address,
            title: { en: 'Address of a script of your own', fr: 'Adresse d’un script à vous' },
          }),
          personalInitArgs: value.text({
            default: '',
            title: { en: 'Its arguments', fr: 'Ses arguments' },
          }),
        },
      ),
    },
    ({ init: { regionInit, personalInit: script, personalInitArgs } }) => ({
      objects: [object('ConfigMap', 'start', { data: { 'start.sh': START_SCRIPT } })],
      volumes: [{ name: 'start', configMap: { name: objectName('start'), defaultMode: 0o555 } }],
      mounts: [{ name: 'start', mountPath: FOLDER, readOnly: true }],
      env: [
        when(isSet(regionInit), { name: 'REGION_INIT_SCRIPT', value: regionInit }),
        when(isSet(script), [
          { name: 'PERSONAL_INIT_SCRIPT', value: script },
          { name: 'PERSONAL_INIT_ARGS', value: personalInitArgs },
        ]),
      ],
    }),
  );
}
