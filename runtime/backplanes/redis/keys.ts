/** The names of a service's keys. Their hash tag keeps them together on one node of a cluster. */
export interface LogKeys {
  readonly head: string;
  readonly log: string;
  readonly channel: string;
  /** Where a batch's idempotency key is remembered. */
  readonly forKey: (key: string) => string;
}

/** A service's name must not hold braces. */
export function logKeys(prefix: string, service: string): LogKeys {
  const base = `${prefix}{${service}}`;
  return {
    head: `${base}:head`,
    log: `${base}:log`,
    channel: `${base}:channel`,
    forKey: (key) => `${base}:key:${key}`,
  };
}
