/** Where the rig keeps things outside the checkout: what can be rebuilt (cache) and what is running (state). */
import { homedir } from "node:os";
import { join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** Built binaries and images, shared by every checkout and every cluster of this user. */
export function cacheRoot(env: Environment = process.env): string {
  return (
    env["SSE_OPERATOR_CACHE"] ?? join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "sse-operator")
  );
}

/** One folder a cluster: certificates, process records, logs, node file systems. */
export function stateRoot(env: Environment = process.env): string {
  return (
    env["SSE_OPERATOR_STATE"] ??
    join(env["XDG_STATE_HOME"] ?? join(homedir(), ".local", "state"), "sse-operator")
  );
}
