/**
 * Keeps looking whether each service is what its status says: it opens the Service after each rollout and renewal and every
 * few minutes, outside of the reconciles, which only tell it what to expect and read what it found.
 */
import { isDeepStrictEqual } from "node:util";
import { type Clock, systemClock } from "#operator/engine/clock.ts";
import { createSlots } from "#operator/engine/slots.ts";
import type { Http2Verdict } from "#operator/sseservice/conditions/observation.ts";
import { type Confidence, nextLookMs, NO_CONFIDENCE, weigh } from "./confidence.ts";
import type { Probe, ProbeResult, ProbeTarget } from "./probe.ts";

/** What a service should be seen to be. */
export interface Expectation {
  /** Changes with whatever makes an earlier finding worthless, such as a rollout. */
  readonly revision: string;
  /** The pods are not all there yet: a new revision is not looked at, one that is known still is. */
  readonly isSettled: boolean;
  readonly target: ProbeTarget;
  /** SHA-256 of the certificate that should be served, as soon as the pods have it. */
  readonly fingerprint: string;
  /** It was found good before this process began, so there is no hurry. */
  readonly wasVerified: boolean;
}

export interface Verifier {
  /** To be called with every reconcile; `undefined` when there is nothing to open. */
  expect(key: string, expectation: Expectation | undefined): void;
  /** What was found of the expected revision; undefined while nothing is certain. */
  verdict(key: string): Http2Verdict | undefined;
  start(): void;
  stop(): void;
}

export interface VerifierOptions {
  readonly onChange: (key: string) => void;
  /** Told of each look that found the Service good; for metrics. */
  readonly onVerified?: (latencyMs: number) => void;
  readonly probe: Probe;
  readonly clock?: Clock;
  readonly random?: () => number;
}

interface Entry {
  expectation: Expectation;
  confidence: Confidence;
  /** Since when this certificate is expected. */
  fingerprintSinceMs: number;
  /** Whom to trust for the certificate from before the last renewal. */
  formerlyTrusted: readonly string[];
  isLooking: boolean;
  cancel: () => void;
}

const PARALLEL_PROBES = 16;
const STEADY_MS = 300_000;
/** The kubelet takes up to some 90 s to bring a renewed Secret to a pod. */
const RENEWAL_GRACE_MS = 180_000;
const RENEWAL_LOOK_MS = 15_000;

export function createVerifier(options: VerifierOptions): Verifier {
  return new RunningVerifier(options);
}

class RunningVerifier implements Verifier {
  readonly #options: Required<VerifierOptions>;
  readonly #entries = new Map<string, Entry>();
  readonly #slots = createSlots(PARALLEL_PROBES);
  #isStarted = false;

  constructor(options: VerifierOptions) {
    this.#options = { onVerified: () => {}, clock: systemClock, random: Math.random, ...options };
  }

  expect(key: string, expectation: Expectation | undefined): void {
    const entry = this.#entries.get(key);
    if (!expectation || entry?.expectation.revision !== expectation.revision) {
      entry?.cancel();
      this.#entries.delete(key);
      if (expectation?.isSettled) this.#begin(key, expectation);
      return;
    }
    const { fingerprint, target } = entry.expectation;
    entry.expectation = expectation;
    if (fingerprint === expectation.fingerprint) return;
    entry.formerlyTrusted = target.trusted;
    entry.fingerprintSinceMs = this.#options.clock.now();
    if (!entry.isLooking) this.#schedule(key, entry, 0);
  }

  verdict(key: string): Http2Verdict | undefined {
    return this.#entries.get(key)?.confidence.verdict;
  }

  start(): void {
    this.#isStarted = true;
    for (const [key, entry] of this.#entries) this.#schedule(key, entry, this.#firstDelayMs(entry));
  }

  stop(): void {
    this.#isStarted = false;
    for (const entry of this.#entries.values()) entry.cancel();
  }

  #begin(key: string, expectation: Expectation): void {
    const entry: Entry = {
      expectation,
      confidence: NO_CONFIDENCE,
      fingerprintSinceMs: this.#options.clock.now(),
      formerlyTrusted: [],
      isLooking: false,
      cancel: () => undefined,
    };
    this.#entries.set(key, entry);
    this.#schedule(key, entry, this.#firstDelayMs(entry));
  }

  #firstDelayMs({ expectation }: Entry): number {
    return expectation.wasVerified ? STEADY_MS * this.#options.random() : 0;
  }

  #schedule(key: string, entry: Entry, delayMs: number): void {
    entry.cancel();
    if (!this.#isStarted) return;
    entry.cancel = this.#options.clock.after(delayMs, () => {
      void this.#slots.run(() => this.#look(key, entry));
    });
  }

  async #look(key: string, entry: Entry): Promise<void> {
    const isCurrent = () => this.#isStarted && this.#entries.get(key) === entry;
    if (!isCurrent()) return;
    entry.isLooking = true;
    const result = this.#judge(entry, await this.#options.probe(this.#targetOf(entry)));
    entry.isLooking = false;
    if (!isCurrent()) return;
    if (result.kind === "verified") this.#options.onVerified(result.latencyMs);
    const before = entry.confidence;
    entry.confidence = weigh(before, result);
    this.#schedule(key, entry, this.#nextLookMs(entry, result));
    if (!isDeepStrictEqual(before.verdict, entry.confidence.verdict)) this.#options.onChange(key);
  }

  /** The certificate from before may have another authority, and is as good until the pods have the new one. */
  #targetOf(entry: Entry): ProbeTarget {
    const { target } = entry.expectation;
    if (!this.#isRenewing(entry)) return target;
    return { ...target, trusted: [...target.trusted, ...entry.formerlyTrusted] };
  }

  #isRenewing({ fingerprintSinceMs }: Entry): boolean {
    return this.#options.clock.now() - fingerprintSinceMs < RENEWAL_GRACE_MS;
  }

  /** A pod that never takes the renewed certificate would end with the old one. */
  #judge(entry: Entry, result: ProbeResult): ProbeResult {
    if (!isOutdated(entry, result) || this.#isRenewing(entry)) return result;
    const message = "A pod still serves the certificate from before the last renewal";
    return { kind: "failed", failure: { reason: "OldCertificate", message } };
  }

  #nextLookMs(entry: Entry, result: ProbeResult): number {
    const nextMs = nextLookMs(entry.confidence, this.#options.random);
    return isOutdated(entry, result) ? Math.min(nextMs, RENEWAL_LOOK_MS) : nextMs;
  }
}

function isOutdated({ expectation }: Entry, result: ProbeResult): boolean {
  return result.kind === "verified" && result.fingerprint !== expectation.fingerprint;
}
