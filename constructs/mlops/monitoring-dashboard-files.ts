import { NGINX_FOR_FILES } from '../platform/nginx';
/** Folder in which sites lie, and in which `current` names the one that is served. */
export const SITE = '/srv/site';
/** Folder of these files. */
export const FILES = '/etc/dashboard';
/** Where nginx finds who may read. */
export const READERS = '/tmp/readers';
/** Port of the pages. */
export const PORT = 8080;
/** Port of the web server behind a login, on the loopback address. */
export const INNER_PORT = 8081;
/** Port on which the web server behind a login tells the kubelet that it is well, and nothing else. */
export const HEALTH_PORT = 8082;
/** Minutes that one build may take; a loop that is not seen for longer hangs. */
export const BUILD_MINUTES = 30;
/** What the loop touches as long as it goes round. */
export const ALIVE = '/tmp/alive';

/** Folder in which pages are built. */
export const WORK = '/tmp/work';

/**
 * Makes the pages, which take the place of the last ones in one step, and waits for the next time of the day. When it fails, what is served stays, and
 * it is tried again ten minutes later.
 */
export const RENDER_SCRIPT = `#!/bin/bash
set -uo pipefail
umask 022
say() { printf 'dashboard: %s\\n' "$*" >&2; }

wait_until() {
  while [ "$(date -u +%s)" -lt "$1" ]; do touch ${ALIVE}; sleep 30; done
}

while true; do
  touch ${ALIVE}
  timeout ${BUILD_MINUTES}m python -m nace_dashboard render && code=0 || code=$?
  next=$(($(date -u +%s) + 600))
  case $code in
    0)
      next=$(date -u -d "today $REBUILD_AT" +%s)
      [ "$next" -gt "$(date -u +%s)" ] || next=$(date -u -d "tomorrow $REBUILD_AT" +%s)
      say "rendered, and again at $REBUILD_AT"
      ;;
    3) say 'there are no records yet, and the pages say so: again in ten minutes' ;;
    *) say 'rendering failed: what was served stays, and it is tried again in ten minutes' ;;
  esac
  wait_until "$next"
done
`;

/** What readers must do: give a password, log in, or nothing. */
export type Protection = 'password' | 'login' | 'none';

/** nginx as an unprivileged user, with the site and nothing else. */
export function nginxConf(protection: Protection): string {
  const password = protection === 'password' ? `auth_basic "Monitoring"; auth_basic_user_file ${READERS}; ` : '';
  const health = 'location = /health { default_type text/plain; return 200 "ok\\n"; }';
  const isInner = protection === 'login';
  return `worker_processes 1;
daemon off;
pid /tmp/nginx.pid;
${NGINX_FOR_FILES}
  server {
    listen ${isInner ? `127.0.0.1:${INNER_PORT}` : PORT};
    root ${SITE}/current;
    absolute_redirect off;
    charset utf-8;
    add_header Content-Security-Policy "default-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' data: blob:; frame-ancestors 'self'; form-action 'self'" always;
    add_header X-Content-Type-Options nosniff always;
    add_header Referrer-Policy same-origin always;
    add_header Cache-Control "no-cache" always;
    ${health}
    location ~ /\\. { return 404; }
    location / { ${password}try_files $uri $uri.html $uri/index.html =404; }
    error_page 404 /404.html;
  }
${isInner ? `  server {\n    listen ${HEALTH_PORT};\n    ${health}\n    location / { return 404; }\n  }\n` : ''}}
`;
}
