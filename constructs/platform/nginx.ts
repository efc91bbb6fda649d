/**
 * What nginx is told before its servers, up to an open block `http`: it serves files of the formats that pages of numbers have, and writes to `/tmp`
 * alone, so that it runs under any user with a read-only root.
 */
export const NGINX_FOR_FILES = `error_log stderr warn;
events { worker_connections 512; }
http {
  include /etc/nginx/mime.types;
  types { text/javascript mjs; application/vnd.apache.parquet parquet; }
  default_type application/octet-stream;
  access_log off;
  server_tokens off;
  client_body_temp_path /tmp/nginx-body;
  proxy_temp_path /tmp/nginx-proxy;
  fastcgi_temp_path /tmp/nginx-fastcgi;
  uwsgi_temp_path /tmp/nginx-uwsgi;
  scgi_temp_path /tmp/nginx-scgi;
  gzip on;
  gzip_types text/css text/javascript application/javascript application/json image/svg+xml text/csv;`;
