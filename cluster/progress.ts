/** How long work tells whoever started it what it is doing. */

export interface Progress {
  /** One long step: what it does, and where its log is while it does it. */
  step<T>(title: string, logPath: string | undefined, work: () => Promise<T>): Promise<T>;
}

export const silent: Progress = { step: (_title, _logPath, work) => work() };
