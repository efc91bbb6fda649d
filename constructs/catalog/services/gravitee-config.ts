/** Ports of the management API, the gateway and the console. */
export const PORTS = { api: 8083, gateway: 8082, console: 8080 } as const;
/** Folder of the files below. */
export const FILES = '/etc/bouture/gravitee';
/** Path of the management API on the console's host. */
export const API_PATH = '/management';

/** What of the management API's configuration is no secret. Nothing is sent by mail, nobody signs up, and nothing goes to its makers. */
export const API_YML = `jetty:
  host: 0.0.0.0
  port: ${PORTS.api}
  accesslog:
    enabled: false
http:
  api:
    management:
      enabled: true
    portal:
      enabled: false
  csrf:
    enabled: true
analytics:
  type: none
services:
  core:
    http:
      enabled: false
console:
  userCreation:
    enabled: false
search:
  data: /tmp/gravitee/search
email:
  enabled: false
notifiers:
  email:
    enabled: false
newsletter:
  enabled: false
cockpit:
  enabled: false
integration:
  enabled: false
alerts:
  alert-engine-connector-ws:
    enabled: false
`;

/** What of the gateway's configuration is no secret. It keeps no figures: a namespace has no Elasticsearch. */
export const GATEWAY_YML = `http:
  host: 0.0.0.0
  port: ${PORTS.gateway}
reporters:
  elasticsearch:
    enabled: false
  file:
    enabled: false
services:
  core:
    http:
      enabled: false
  bridge:
    http:
      enabled: false
  sync:
    delay: 5000
    unit: MILLISECONDS
  monitoring:
    delay: 5000
    unit: MILLISECONDS
  heartbeat:
    enabled: true
    delay: 5000
    unit: MILLISECONDS
alerts:
  alert-engine-connector-ws:
    enabled: false
classloader:
  legacy:
    enabled: false
`;

/** For the console's pages, in place of the image's scripts, which write into the image. */
export const NGINX_CONF = `worker_processes 1;
pid /tmp/nginx.pid;
error_log stderr warn;
events {
  worker_connections 256;
}
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  access_log off;
  server_tokens off;
  gzip on;
  gzip_types text/css application/javascript application/json image/svg+xml;
  client_body_temp_path /tmp/nginx-body;
  proxy_temp_path /tmp/nginx-proxy;
  fastcgi_temp_path /tmp/nginx-fastcgi;
  uwsgi_temp_path /tmp/nginx-uwsgi;
  scgi_temp_path /tmp/nginx-scgi;
  add_header X-Content-Type-Options nosniff always;
  add_header Content-Security-Policy "frame-ancestors 'self'" always;
  server {
    listen ${PORTS.console};
    root /usr/share/nginx/html;
    location = /constants.json {
      alias ${FILES}/constants.json;
      expires -1;
    }
    location / {
      try_files $uri $uri/ /index.html;
    }
  }
}
`;
