/** Keys from an issuer's JWKS URL: kept, asked for anew now and then, and never once for each token. */
import type { KeyObject } from "node:crypto";
import { keysFor, type KeyHint, type KeySource, type VerificationKey } from "./key-set.ts";

/** Keys are asked for anew when they are so old. */
const FRESH_MS = 600_000;
/** While they cannot be had, they are used for so long: a key that was withdrawn must go some time. */
const USABLE_MS = 3_600_000;
/** Between two requests to the issuer, whatever tokens come. */
const PAUSE_MS = 5_000;

export interface RemoteKeysOptions {
  /** Rejects when they cannot be had. */
  readonly fetchKeys: () => Promise<readonly VerificationKey[]>;
  /** Monotonic. */
  readonly now: () => number;
  /** Told once for each time that fetching begins to fail. */
  readonly onError: (error: unknown) => void;
}

export class RemoteKeys implements KeySource {
  readonly #options: RemoteKeysOptions;
  #keys: readonly VerificationKey[] = [];
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #askedAt = Number.NEGATIVE_INFINITY;
  #isFailing = false;
  #fetching: Promise<void> | undefined;

  constructor(options: RemoteKeysOptions) {
    this.#options = options;
  }

  async find(hint: KeyHint): Promise<readonly KeyObject[] | undefined> {
    if (!this.#isYoungerThan(USABLE_MS)) await this.#refresh();
    else if (!this.#isYoungerThan(FRESH_MS)) void this.#refresh();
    if (this.#isYoungerThan(USABLE_MS)) {
      const found = keysFor(this.#keys, hint);
      if (found.length > 0) return found;
      await this.#refresh();
    }
    if (this.#isFailing || !this.#isYoungerThan(USABLE_MS)) return undefined;
    return keysFor(this.#keys, hint);
  }

  #isYoungerThan(ageMs: number): boolean {
    return this.#options.now() - this.#fetchedAt < ageMs;
  }

  /** One request at a time, with a pause between them. Never rejects. */
  #refresh(): Promise<void> {
    if (this.#fetching !== undefined) return this.#fetching;
    const now = this.#options.now();
    if (now - this.#askedAt < PAUSE_MS) return Promise.resolve();
    this.#askedAt = now;
    this.#fetching = this.#fetch().finally(() => (this.#fetching = undefined));
    return this.#fetching;
  }

  async #fetch(): Promise<void> {
    try {
      this.#keys = await this.#options.fetchKeys();
      this.#fetchedAt = this.#options.now();
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#options.onError(error);
      this.#isFailing = true;
    }
  }
}
