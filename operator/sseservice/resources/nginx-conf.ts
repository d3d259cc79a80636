/** nginx.conf of the sidecar: TLS and HTTP/2 outside, HTTP/1.1 over a unix socket inside. Pure; for nginx >= 1.26. */
import type { SseService } from "../spec.ts";
import { HTTPS_PORT, PRE_STOP_SLEEP_SECONDS, SOCKET_PATH, TLS_DIRECTORY } from "./pod-layout.ts";

/** Each stream takes two connections of a worker: the client's (at worst its own) and the runtime's. */
const CONNECTIONS_PER_STREAM = 2;
const SPARE_CONNECTIONS = 1_024;

export function buildNginxConf({ spec }: SseService): string {
  const connections = spec.limits.maxConnections * CONNECTIONS_PER_STREAM + SPARE_CONNECTIONS;
  const silenceSeconds = spec.stream.heartbeatSeconds * 2 + 30;
  const shutdownSeconds = PRE_STOP_SLEEP_SECONDS + spec.drain.timeoutSeconds + 10;
  const { corsMaps, corsHeaders } = buildCors(spec.access.corsOrigins);
  return `# A number: "auto" would count the node's cores and not the container's share.
worker_processes 2;
worker_rlimit_nofile ${connections};
worker_shutdown_timeout ${shutdownSeconds}s;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;

events {
  worker_connections ${connections};
}

http {
  default_type application/octet-stream;
  access_log off;
  server_tokens off;
  reset_timedout_connection on;
  # A stream lives in its request's pool, of which it needs nearly 10 kB: one block instead of three of 4 kB.
  request_pool_size 10k;
  client_body_temp_path /tmp/client_body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;

  # A path with a variable is read at each handshake, so a renewed certificate needs no reload.
  map $ssl_server_name $tls_directory {
    default ${TLS_DIRECTORY};
  }
  # Spreads the reconnecting clients while the runtime is away.
  split_clients $request_id $down_retry {
    25% 1000;
    25% 1500;
    25% 2000;
    *   2500;
  }
${corsMaps}
  upstream runtime {
    server unix:${SOCKET_PATH};
    keepalive 32;
  }

  server {
    listen ${HTTPS_PORT} ssl backlog=4096;
    http2 on;
    http2_max_concurrent_streams 1024;
    keepalive_requests 1000000;
    keepalive_time 1h;

    ssl_certificate $tls_directory/tls.crt;
    ssl_certificate_key $tls_directory/tls.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    # Plain HTTP sent to this port.
    error_page 497 =308 https://$http_host$request_uri;

    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto https;
    proxy_next_upstream off;

    location / {
      proxy_pass http://runtime;
    }

    location = /status {
      # What goes wrong would be logged with the request's line, and that may hold an access token.
      error_log /dev/null emerg;
      # One connection a stream, which the runtime takes over from its HTTP parser on these headers.
      proxy_pass http://unix:${SOCKET_PATH};
      proxy_set_header Connection upgrade;
      proxy_set_header Upgrade sse;
      # Tells which certificate the connection began with.
      proxy_set_header X-Connection-Seconds $connection_time;
      # Directives of this kind are inherited only where a location has none of its own.
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto https;
      proxy_pass_header X-Accel-Buffering;
      proxy_buffering off;
      proxy_read_timeout ${silenceSeconds}s;
      # Any answer but 200 ends an EventSource for good: while the runtime is away, tell it to come back.
      error_page 502 503 504 =200 @stream_down;
    }

    location @stream_down {
      error_log /dev/null emerg;
      default_type text/event-stream;
      add_header Cache-Control no-store;${corsHeaders}
      return 200 "retry: $down_retry\\n\\n";
    }

    location = /submit {
      proxy_pass http://runtime;
      # The runtime alone decides what is too large.
      client_max_body_size 0;
      proxy_request_buffering off;
      error_page 502 504 =503 @submit_down;
    }

    location @submit_down {
      default_type application/json;
      add_header Retry-After 2 always;${corsHeaders}
      return 503 '{"error":{"code":"unavailable","field":null,"message":"Whether the event is stored is unknown: the broker is restarting. Retry with the same Idempotency-Key."}}';
    }
  }
}
`;
}

/** The broker answers for itself; these are for nginx's own answers, which a page elsewhere must be able to read too. */
function buildCors(origins: readonly string[]): { corsMaps: string; corsHeaders: string } {
  if (origins.length === 0) return { corsMaps: "", corsHeaders: "" };
  const allowed = origins.includes("*")
    ? ['default "*";']
    : ['default "";', ...origins.map((origin) => `"${origin}" $http_origin;`)];
  return {
    corsMaps: `  map $http_origin $cors_origin {
    ${allowed.join("\n    ")}
  }
  map $cors_origin $cors_credentials {
    default true;
    "" "";
    "*" "";
  }
`,
    // One with an empty value is not sent.
    corsHeaders: `
      add_header Access-Control-Allow-Origin $cors_origin always;
      add_header Access-Control-Allow-Credentials $cors_credentials always;
      add_header Vary Origin always;`,
  };
}
