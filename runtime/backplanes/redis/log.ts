/** Where a backplane reports what an operator of the service should know; pino's Logger is one. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
