import { NGINX_FOR_FILES } from '../../platform/nginx';
/** Folder of the site: what is served now, and what is to come. */
export const SITE = '/srv/dashboard/site';
/** Folder of the sources, into which the start script clones the repository. */
export const WORK = '/srv/dashboard/work';

/**
 * Serves the site and renders it again and again: fetches the sources, builds them beside the place of the site, and puts them there when
 * all went well. A build that fails leaves the site of before.
 */
export const RENDER_SCRIPT = String.raw`#!/bin/bash
set -uo pipefail
umask 022
say() { printf 'dashboard: %s\n' "$*" >&2; }

project=${WORK}/project
if [ "$SOURCE" = git ]; then project=${WORK}/$(basename "${'${GIT_REPOSITORY:-none}'}" .git); fi
last=0

# The sources come anew each time, into a folder that lasts: only what changed is fetched.
fetch_sources() {
  case $SOURCE in
    example)
      rm -rf "$project" && cp -r /opt/dashboard/example "$project"
      ;;
    git)
      [ -n "${'${GIT_REPOSITORY:-}'}" ] || { say 'no repository is named'; return 1; }
      export GIT_TERMINAL_PROMPT=0
      if [ ! -d "$project/.git" ]; then
        rm -rf "$project"
        git clone --quiet --depth 1 ${'${GIT_BRANCH:+--branch "$GIT_BRANCH"}'} -- "$GIT_REPOSITORY" "$project"
      else
        git -C "$project" fetch --quiet --depth 1 origin "${'${GIT_BRANCH:-HEAD}'}" \
          && git -C "$project" reset --quiet --hard FETCH_HEAD && git -C "$project" clean --quiet --force -d -x
      fi
      ;;
    bucket)
      [ -n "$FOLDER" ] || { say 'no folder of a bucket is named'; return 1; }
      mkdir -p "$project" && mc mirror --quiet --overwrite --remove "s3/$FOLDER" "$project" >/dev/null
      ;;
  esac
}

# Pages of Observable Framework are built; a folder with an index.html and no configuration is a site already.
build_site() {
  local new=$1 config place
  cd "$project" || return 1
  config=$(find . -maxdepth 1 -name 'observablehq.config.*' | head -n 1)
  if [ -z "$config" ]; then
    [ -s index.html ] || { say 'neither observablehq.config.js nor index.html is there'; return 1; }
    cp -r . "$new" && rm -rf "$new/.git"
    return
  fi
  place=$(node --input-type=module -e 'const { default: c } = await import(process.argv[1]); console.log(c.root ?? "src"); console.log(c.output ?? "dist")' \
    "$project/$config" 2>/dev/null) || place=$'src\ndist'
  local root=${"${place%%$'\\n'*}"} output=${"${place##*$'\\n'}"}
  # Without the cache of before, so that data are computed anew; with the libraries, so that none is fetched.
  rm -rf "$root/.observablehq" "$output"
  mkdir -p "$root/.observablehq/cache" && cp -r /opt/dashboard/npm "$root/.observablehq/cache/_npm"
  [ -e node_modules ] || ln -s /opt/dashboard/node_modules node_modules
  observable build >&2 && cp -r "$output" "$new"
}

render() {
  local number=$((last + 1)) new
  new=${SITE}/site-$number
  rm -rf "$new"
  if fetch_sources && (build_site "$new"); then
    ln -sfn "$new" ${SITE}/next && mv -T ${SITE}/next ${SITE}/current
    rm -rf "${SITE}/site-$last"
    last=$number
    say "rendered, and again in $MINUTES minutes"
  else
    rm -rf "$new"
    say "rendering failed: the site of before stays, and it is tried again in $MINUTES minutes"
  fi
}

mkdir -p ${SITE}/site-0
printf '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="10"><title>Dashboard</title><p>%s</p>\n' \
  'This page is being rendered. If it stays, the log of the service tells why.' >${SITE}/site-0/index.html
ln -sfn ${SITE}/site-0 ${SITE}/current
if [ "$PROTECTED" = true ]; then
  printf 'dashboard:%s\n' "$(printf '%s' "$DASHBOARD_PASSWORD" | openssl passwd -6 -stdin)" >/tmp/readers
fi

/usr/sbin/nginx -c /etc/bouture/dashboard/nginx.conf &
server=$!
trap 'kill -QUIT $server 2>/dev/null; exit 0' TERM INT
# Programs of pages have no use for the password of readers.
unset DASHBOARD_PASSWORD
while kill -0 $server 2>/dev/null; do
  render
  # The wait ends when the server does, or when the service is stopped.
  sleep $((MINUTES * 60)) &
  wait -n $server $!
done
say 'the web server has ended'
exit 1
`;

/** nginx as the user of the image, with what readers may fetch: this site alone. @param authentication directives that ask for the password */
export function nginxConf(authentication: string): string {
  return `worker_processes 1;
daemon off;
pid /tmp/nginx.pid;
${NGINX_FOR_FILES}
  server {
    listen 8080;
    root ${SITE}/current;
    absolute_redirect off;
    charset utf-8;
    add_header Content-Security-Policy "default-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' data: blob:; frame-ancestors 'self'; form-action 'self'" always;
    add_header X-Content-Type-Options nosniff always;
    add_header Referrer-Policy same-origin always;
    add_header Cache-Control "no-cache" always;
    location = /health { ${authentication === '' ? '' : 'auth_basic off; '}default_type text/plain; return 200 "ok\\n"; }
    location ~ /\\. { return 404; }
    location / { ${authentication}try_files $uri $uri.html $uri/index.html =404; }
    error_page 404 /404.html;
  }
}
`;
}
