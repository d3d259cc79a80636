import { beforeAll, describe, expect, test } from "vitest";
import type { KeyPair } from "#operator/sseservice/resources/secrets.ts";
import { inspectCertificate } from "./inspect.ts";
import { issueAuthority, issueLeaf } from "./issue.ts";
import { renewalReason, renewalTime } from "./renewal.ts";

const DAY_MS = 86_400_000;
const now = new Date("2026-01-01T00:00:00Z");
const later = (days: number) => new Date(now.getTime() + days * DAY_MS);
const names = ["demo", "127.0.0.1"];
const request = { commonName: "demo", dnsNames: ["demo"], ipAddresses: ["127.0.0.1"], validityDays: 90 };

let authority: KeyPair;
let leaf: KeyPair;

beforeAll(async () => {
  authority = await issueAuthority("test CA", now);
  leaf = await issueLeaf(authority, request, now);
});

describe("renewalReason", () => {
  const wanted = () => ({ names, authority: authority.certificate });

  test("is none while all is well", () => {
    expect(renewalReason(leaf, wanted(), later(55))).toBeUndefined();
  });

  test("comes at the certificate's own time, and at two thirds of the lifetime at the latest", () => {
    const facts = inspectCertificate(leaf.certificate);
    const due = facts ? renewalTime(facts) : now;
    expect(renewalReason(leaf, wanted(), new Date(due.getTime() - 1))).toBeUndefined();
    expect(renewalReason(leaf, wanted(), due)).toBe("RenewalDue");
    expect(renewalReason(leaf, wanted(), later(60))).toBe("RenewalDue");
  });

  test("names what is wrong", async () => {
    const other = await issueAuthority("test CA", now);
    expect(renewalReason(undefined, wanted(), now)).toBe("Missing");
    expect(renewalReason({ ...leaf, certificate: "garbage" }, wanted(), now)).toBe("Unreadable");
    expect(renewalReason({ ...leaf, key: other.key }, wanted(), now)).toBe("KeyMismatch");
    expect(renewalReason({ ...leaf, key: "garbage" }, wanted(), now)).toBe("KeyMismatch");
    expect(renewalReason(leaf, { names, authority: other.certificate }, now)).toBe("OtherAuthority");
  });

  test("comes when the clock goes back to before its time", () => {
    expect(renewalReason(leaf, wanted(), later(-1))).toBe("NotYetValid");
  });

  test.each([
    ["one is gone", ["demo"]],
    ["one is new", [...names, "new"]],
    ["one takes another's place", ["other", "127.0.0.1"]],
    ["an address takes a name's place", ["127.0.0.2", "127.0.0.1"]],
  ])("sees that the names changed: %s", (_, changed) => {
    expect(renewalReason(leaf, { ...wanted(), names: changed }, now)).toBe("NamesChanged");
  });
});

test("renewals of what was issued together are spread over a twentieth of the lifetime before two thirds of it", () => {
  const lifetime = { notBefore: now, notAfter: later(90) };
  const days = Array.from({ length: 256 }, (_, byte) => {
    const fingerprint = `${byte.toString(16).padStart(2, "0")}:00:00:00:11`.toUpperCase();
    return (renewalTime({ ...lifetime, fingerprint }).getTime() - now.getTime()) / DAY_MS;
  });
  expect(Math.max(...days)).toBeCloseTo(60, 9);
  expect(Math.min(...days)).toBeCloseTo(55.5, 1);
  expect(new Set(days.map(Math.floor))).toEqual(new Set([55, 56, 57, 58, 59, 60]));
});
