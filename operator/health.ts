/** The operator's health endpoints: `/healthz` (does the loop still turn?) and `/readyz` (have the watches synced?). */
import { createServer, type Server } from "node:http";
import { once } from "node:events";

/** Why it is not so, or undefined while it is. */
type Check = () => string | undefined;

export interface HealthChecks {
  readonly live: Check;
  readonly ready: Check;
}

export async function startHealthServer(port: number, { live, ready }: HealthChecks): Promise<Server> {
  const checks: Readonly<Record<string, Check>> = { "/healthz": live, "/readyz": ready };
  const server = createServer((request, response) => {
    const check = checks[request.url ?? ""];
    const problem = check?.();
    response.statusCode = check ? (problem === undefined ? 200 : 503) : 404;
    response.end(check ? `${problem ?? "ok"}\n` : "Only /healthz and /readyz are here\n");
  });
  server.listen(port);
  await once(server, "listening");
  return server;
}
