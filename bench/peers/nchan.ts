/** Debian's nginx with its nchan module, one worker. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Address } from "../load/load.ts";
import { installMissing } from "../servers/programs.ts";
import { startServer } from "../servers/server.ts";
import { lines } from "../servers/request.ts";
import type { Peer } from "./peer.ts";

const NGINX = "/usr/sbin/nginx";
const MODULE = "/usr/lib/nginx/modules/ngx_nchan_module.so";

export const nchan: Peer = {
  name: "nchan",
  title: "nginx with nchan",
  isOurs: false,
  prepare: (progress) => installMissing({ [NGINX]: "nginx", [MODULE]: "libnginx-mod-nchan" }, progress),
  async start(folder) {
    const address: Address = { network: "unix", address: join(folder, "nchan.sock") };
    const configPath = join(folder, "nginx.conf");
    await mkdir(join(folder, "logs"));
    await writeFile(configPath, buildConfig(address.address));
    return {
      server: await startServer([NGINX, "-p", folder, "-c", configPath], address, { workers: 1 }),
      subscribe: {
        ...address,
        request: lines("GET /status HTTP/1.1", "Host: bench", "Accept: text/event-stream", ""),
      },
      publish: {
        ...address,
        head: lines("POST /submit HTTP/1.1", "Host: bench", "Content-Type: text/plain"),
      },
    };
  },
};

function buildConfig(socketPath: string): string {
  return `user root;
worker_processes 1;
worker_rlimit_nofile 20000;
daemon off;
pid nginx.pid;
error_log stderr error;
load_module ${MODULE};

events {
  worker_connections 20000;
}

http {
  access_log off;
  keepalive_requests 1000000000;
  nchan_shared_memory_size 128M;

  server {
    listen unix:${socketPath} backlog=4096;

    location = /status {
      nchan_subscriber eventsource;
      nchan_channel_id bench;
    }

    location = /submit {
      nchan_publisher http;
      nchan_channel_id bench;
      nchan_message_buffer_length 10000;
      nchan_message_timeout 1h;
    }
  }
}
`;
}
