/** Tells a person what is going on: each long step, how long it took, where its log is. */
import { CommandError } from "#cluster/commands.ts";
import { readLastLines } from "#cluster/logs.ts";
import type { Progress } from "#cluster/progress.ts";

/** Thrown for a person: its message says all there is to say. */
export class UserError extends Error {
  /** The next thing to try. */
  readonly advice: string | undefined;

  constructor(message: string, advice?: string) {
    super(message);
    this.name = "UserError";
    this.advice = advice;
  }
}

type Print = (line: string) => void;

export function createSteps(print: Print = console.log): Progress {
  return {
    step: async (title, logPath, work) => {
      print(`  ${title} ...${logPath === undefined ? "" : `  (log: ${logPath})`}`);
      const started = performance.now();
      try {
        const result = await work();
        print(`  ${title}: ${formatSeconds(performance.now() - started)}`);
        return result;
      } catch (error) {
        print(`  ${title}: failed after ${formatSeconds(performance.now() - started)}`);
        const isToldAlready = error instanceof CommandError || logPath === undefined;
        const lines = isToldAlready ? "" : await readLastLines(logPath, 15);
        if (lines !== "") print(`  the last lines of ${logPath}:\n${indent(lines)}`);
        throw error;
      }
    },
  };
}

export function formatSeconds(milliseconds: number): string {
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function indent(text: string): string {
  return text.replaceAll(/^/gm, "    ");
}
