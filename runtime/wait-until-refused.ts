/** Waits, in a drain, until the sidecar takes no new connections: from then on an ended stream reopens elsewhere. */
import { connect } from "node:net";
import { pause } from "./pause.ts";

const POLL_MS = 100;

/** Resolves once a connection to the loopback port is refused, or when the signal aborts. */
export async function waitUntilRefused(port: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await isRefused(port))) await pause(POLL_MS, signal);
}

function isRefused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", (error) => resolve("code" in error && error.code === "ECONNREFUSED"));
  });
}
