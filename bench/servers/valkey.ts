/** A Valkey as the operator runs it, with an append-only file; it shares the servers' core. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { redisCommand } from "#runtime/test/redis-programs.ts";
import type { RuntimeConfigInput } from "#runtime/config.ts";
import { startServer, type Server } from "./server.ts";

const PORT = 18_473;

/** The runtime's side of it. */
export const onValkey: RuntimeConfigInput["backplane"] = { type: "Redis", url: `redis://127.0.0.1:${PORT}` };

export async function prepareValkey(): Promise<void> {
  await redisCommand("valkey-8");
}

export async function startValkey(folder: string): Promise<Server> {
  const directory = join(folder, "valkey");
  await mkdir(directory);
  const settings = {
    port: PORT,
    bind: "127.0.0.1",
    dir: directory,
    logfile: join(directory, "log"),
    save: "",
    appendonly: "yes",
    appendfsync: "everysec",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  const command = [...(await redisCommand("valkey-8")), ...flags];
  return startServer(command, { network: "tcp", address: `127.0.0.1:${PORT}` });
}
