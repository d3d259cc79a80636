/** The runtime's process: environment in, signals in, exit status out. */
import { pino } from "pino";
import { ConfigError, loadConfig } from "./load-config.ts";
import { startRuntime, type Runtime } from "./runtime.ts";
import type { RuntimeConfig } from "./config.ts";

const { SSE_CONFIG, POD_NAME = "local", LOG_LEVEL = "info" } = process.env;

const log = pino({
  level: LOG_LEVEL,
  base: { pod: POD_NAME },
  serializers: { err: pino.stdSerializers.errWithCause },
});

function configOrExit(): RuntimeConfig {
  try {
    return loadConfig(SSE_CONFIG);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

/** The first signal drains; a second one ends the streams at once. */
function drainOnSignals(runtime: Runtime): void {
  const hurry = new AbortController();
  let isDraining = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    log.info({ signal }, isDraining ? "hurrying" : "stopping");
    if (isDraining) return hurry.abort();
    isDraining = true;
    runtime.drain(hurry.signal).then(
      () => process.exit(0),
      (error: unknown) => {
        log.fatal({ err: error }, "cannot drain");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
}

const config = configOrExit();
try {
  const pageDirectory = new URL("./page/", import.meta.url);
  const runtime = await startRuntime(config, { pod: POD_NAME, pageDirectory, log });
  drainOnSignals(runtime);
  await runtime.ready;
  log.info({ listen: runtime.address, management: runtime.managementAddress }, "ready");
} catch (error) {
  log.fatal({ err: error }, "cannot start");
  process.exit(1);
}
