/** Values that a test waits for in the order in which they come. For tests only. */

export class Mailbox<Value> {
  readonly #values: Value[] = [];
  readonly #takers: ((value: Value) => void)[] = [];

  get size(): number {
    return this.#values.length;
  }

  post(value: Value): void {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#values.push(value);
    else taker(value);
  }

  /** The next value, as soon as there is one. */
  take(): Promise<Value> {
    const [value] = this.#values.splice(0, 1);
    if (value !== undefined) return Promise.resolve(value);
    const { promise, resolve } = Promise.withResolvers<Value>();
    this.#takers.push(resolve);
    return promise;
  }
}
