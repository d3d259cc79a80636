/** A life of a service's authority and leaf, driven by hand, as reconciles would at the times given. */
import { beforeEach, describe, expect, test } from "vitest";
import type { Authority, ServedCertificate } from "#operator/sseservice/resources/secrets.ts";
import { TRUST_PERIOD_MS } from "./authority.ts";
import { inspectCertificate } from "./inspect.ts";
import { renewSelfSigned } from "./self-signed.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** After two thirds of the ten years. */
const DUE_DAYS = 2_434;
const request = {
  name: "demo",
  namespace: "shop",
  names: { dnsNames: ["demo"], ipAddresses: [] },
  validityDays: 90,
  renewalRequest: undefined,
};

interface State {
  readonly authority: Authority;
  readonly certificate: ServedCertificate;
}

let now: Date;
let state: State;

async function pass(ms: number): Promise<State> {
  now = new Date(now.getTime() + ms);
  state = await renewSelfSigned(request, state, now);
  return state;
}

beforeEach(async () => {
  now = new Date("2026-01-01T00:00:00Z");
  state = await renewSelfSigned(request, { authority: undefined, certificate: undefined }, now);
});

const leafOf = ({ certificate }: State) => inspectCertificate(certificate.pair.certificate);

/** As many certificates as `ca.crt` holds, each whole. */
const trusted = ({ certificate }: State) =>
  certificate.authorities?.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? [];

/** Whoever has read `ca.crt` in the one state takes the certificate of the other. */
const isTrustedBy = (reader: State, server: State) =>
  trusted(reader).some((authority) => leafOf(server)?.isSignedBy(authority));

test("nothing changes while nothing is due", async () => {
  const first = state;
  expect(await pass(50 * DAY_MS)).toEqual(first);
});

describe("a rotation", () => {
  test("tells of the next authority first, signs with it later, and drops the old one last", async () => {
    const first = state;
    const announced = await pass(DUE_DAYS * DAY_MS);
    expect(announced.authority.signing).toEqual(first.authority.signing);
    expect(trusted(announced)).toHaveLength(2);
    expect(leafOf(announced)?.isSignedBy(first.authority.signing.certificate)).toBe(true);

    await pass(TRUST_PERIOD_MS - HOUR_MS);
    expect(state.authority).toEqual(announced.authority);
    const switched = await pass(2 * HOUR_MS);
    expect(switched.authority.signing).toEqual(announced.authority.next);
    expect(leafOf(switched)?.isSignedBy(switched.authority.signing.certificate)).toBe(true);
    expect(trusted(switched)).toHaveLength(2);
    // The first certificate is the one whose fingerprint the status shows.
    expect(trusted(switched)[0]).toBe(switched.authority.signing.certificate);

    await pass(TRUST_PERIOD_MS - HOUR_MS);
    expect(trusted(state)).toHaveLength(2);
    const settled = await pass(2 * HOUR_MS);
    expect(trusted(settled)).toEqual([switched.authority.signing.certificate]);
    expect(leafOf(settled)).toEqual(expect.objectContaining({ fingerprint: leafOf(switched)?.fingerprint }));
  });

  test("is no outage: who read ca.crt a reconcile ago takes what is served now, and the other way round", async () => {
    let before = state;
    for (let day = 0; day < DUE_DAYS + 150; day += 10) {
      const after = await pass(10 * DAY_MS);
      expect(isTrustedBy(before, after), `read before, day ${day}`).toBe(true);
      expect(isTrustedBy(after, before), `served before, day ${day}`).toBe(true);
      before = after;
    }
  });

  test("is not begun again by a next one that is left behind", async () => {
    await pass(DUE_DAYS * DAY_MS);
    const { authority } = await pass(TRUST_PERIOD_MS + HOUR_MS);
    state = { ...state, authority: { ...authority, next: authority.signing } };
    await pass(HOUR_MS);
    expect(state.authority).toEqual(authority);
  });

  test("loses no phase to an operator that was away for long", async () => {
    const away = 10 * TRUST_PERIOD_MS;
    const first = state;
    const announced = await pass(DUE_DAYS * DAY_MS + away);
    expect(announced.authority.signing).toEqual(first.authority.signing);
    const switched = await pass(away);
    expect(trusted(switched)).toHaveLength(2);
    expect(isTrustedBy(switched, announced)).toBe(true);
  });
});

describe("an authority that cannot sign any more", () => {
  const broken = { certificate: "garbage", key: "garbage" };

  test("is replaced at once", async () => {
    state = { ...state, authority: { signing: broken, next: undefined, previous: undefined } };
    await pass(0);
    expect(trusted(state)).toHaveLength(1);
    expect(isTrustedBy(state, state)).toBe(true);
  });

  test("is replaced by the next one when that is there already", async () => {
    const announced = await pass(DUE_DAYS * DAY_MS);
    const { next } = announced.authority;
    state = { ...state, authority: { ...announced.authority, signing: broken } };
    await pass(0);
    expect(state.authority.signing).toEqual(next);
  });

  test("is replaced when it has expired", async () => {
    const first = state;
    await pass(3_651 * DAY_MS);
    expect(state.authority.signing).not.toEqual(first.authority.signing);
    expect(isTrustedBy(state, state)).toBe(true);
  });
});

describe("the user's wish for a new certificate", () => {
  const renew = async (renewalRequest: string | undefined) => {
    state = await renewSelfSigned({ ...request, renewalRequest }, state, now);
    return leafOf(state)?.fingerprint;
  };

  test("is granted once for each value, and needs no new authority", async () => {
    const first = leafOf(state)?.fingerprint;
    const second = await renew("1");
    expect(second).not.toBe(first);
    expect(await renew("1")).toBe(second);
    expect(await renew("2")).not.toBe(second);
    expect(trusted(state)).toHaveLength(1);
  });

  test("that is taken back changes nothing", async () => {
    const first = await renew("1");
    expect(await renew(undefined)).toBe(first);
    expect(await renew("1")).toBe(first);
  });
});
