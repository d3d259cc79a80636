/** Hands the terminal over to another program. */
import { spawn } from "node:child_process";

/** Resolves with its exit status; a program ended by a signal counts as failed. */
export function hand(command: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const [program = "", ...args] = command;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  // Ctrl-C reaches the program too, which decides what to do with it.
  const ignore = (): void => undefined;
  process.on("SIGINT", ignore);
  spawn(program, args, { stdio: "inherit", env })
    .on("error", reject)
    .on("exit", (status) => {
      process.off("SIGINT", ignore);
      resolve(status ?? 1);
    });
  return promise;
}
