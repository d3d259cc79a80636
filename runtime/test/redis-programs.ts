/** Real Redis and Valkey servers of several versions. */
import { debianCommand } from "#cluster/debian-programs.ts";

export type RedisProgram = "redis-7" | "redis-8" | "valkey-8";

const BOOKWORM = { name: "redis", release: "bookworm", packages: ["redis-server"] } as const;
const TRIXIE = { name: "redis", release: "trixie", packages: ["redis-server", "valkey-server"] } as const;

/** The command, to which the server's arguments are added. */
export function redisCommand(program: RedisProgram): Promise<readonly string[]> {
  switch (program) {
    case "redis-7":
      return debianCommand(BOOKWORM, "usr/bin/redis-server");
    case "redis-8":
      return debianCommand(TRIXIE, "usr/bin/redis-server");
    case "valkey-8":
      return debianCommand(TRIXIE, "usr/bin/valkey-server");
  }
}
