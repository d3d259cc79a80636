/**
 * The operator's own port: `/healthz` (does everything still turn?), `/readyz` (have the watches synced?) and `/metrics`
 * (Prometheus).
 */
import { createServer, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";

/** Why it is not so, or undefined while it is. */
type Check = () => string | undefined;

export interface HealthChecks {
  readonly live: Check;
  readonly ready: Check;
}

export interface HealthOptions extends HealthChecks {
  readonly metrics: { readonly contentType: string; render(): Promise<string> };
}

export async function startHealthServer(port: number, options: HealthOptions): Promise<Server> {
  const server = createServer((request, response) => void answer(request.url ?? "", response, options));
  server.listen(port);
  await once(server, "listening");
  return server;
}

async function answer(
  path: string,
  response: ServerResponse,
  { live, ready, metrics }: HealthOptions,
): Promise<void> {
  switch (path) {
    case "/healthz":
      return check(response, live());
    case "/readyz":
      return check(response, ready());
    case "/metrics":
      response.setHeader("content-type", metrics.contentType);
      return send(response, 200, await metrics.render());
    default:
      return send(response, 404, "Only /healthz, /readyz and /metrics are here\n");
  }
}

function check(response: ServerResponse, problem: string | undefined): void {
  send(response, problem === undefined ? 200 : 503, `${problem ?? "ok"}\n`);
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status).end(text);
}
