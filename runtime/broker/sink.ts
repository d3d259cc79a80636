/**
 * Where a subscription's bytes go. Implemented once per kind of connection; the implementation tells the
 * subscription `drained()` and `closed()`, and nothing after `closed()`.
 */
export interface Sink {
  /** Takes the bytes and never alters them: one buffer goes to many sinks. Silently drops them once closed. */
  write(bytes: Uint8Array): void;
  /** Taken, but not yet with the operating system. */
  readonly bufferedBytes: number;
  /** True when a later `drained()` is certain and the caller had better wait for it. */
  readonly needsDrain: boolean;
  /** Writes the last bytes, flushes what waits and closes; a client that takes nothing is dropped after a while. */
  end(last: Uint8Array): void;
  /** Closes at once and drops what waits. */
  destroy(): void;
}
