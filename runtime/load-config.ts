/** Reads `runtime.json`: all that is wrong with it in one error. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { RuntimeConfigSchema, type RuntimeConfig } from "./config.ts";

export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Without a path: the defaults. Throws ConfigError. */
export function loadConfig(path: string | undefined): RuntimeConfig {
  const result = RuntimeConfigSchema.safeParse(path === undefined ? {} : readJson(path));
  if (result.success) return result.data;
  throw new ConfigError(`Cannot use the configuration "${path}":\n${z.prettifyError(result.error)}`);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`Cannot read the configuration "${path}": ${found}`, { cause });
  }
}
