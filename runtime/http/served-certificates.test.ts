// @peculiar/x509 needs it before its own import.
import "reflect-metadata";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { webcrypto, X509Certificate } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openServedCertificates, type ServedCertificates } from "./served-certificates.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const HOUR_SECONDS = 3_600;

let directory: string;
let path: string;
let served: ServedCertificates;
let errors: unknown[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "certificates-"));
  path = join(directory, "tls.crt");
  errors = [];
});

afterEach(async () => {
  served.close();
  await rm(directory, { recursive: true, force: true });
});

/** Puts a new certificate there, as if that had been so many hours ago; answers its fingerprint. */
async function put(hoursAgo: number): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const issued = await x509.X509CertificateGenerator.createSelfSigned(
    { name: "CN=test", signingAlgorithm: ALGORITHM, keys },
    webcrypto,
  );
  const certificate = issued.toString("pem");
  await writeFile(path, certificate);
  const time = Date.now() / 1_000 - hoursAgo * HOUR_SECONDS;
  await utimes(path, time, time);
  return new X509Certificate(certificate).fingerprint256;
}

async function open(): Promise<void> {
  served = await openServedCertificates(path, (error) => errors.push(error));
}

test("a connection keeps the certificate that it was opened with", async () => {
  const first = await put(10);
  await open();
  expect(await served.fingerprintAt(0)).toBe(first);
  const second = await put(2);
  expect(await served.fingerprintAt(0)).toBe(second);
  expect(await served.fingerprintAt(1 * HOUR_SECONDS)).toBe(second);
  expect(await served.fingerprintAt(3 * HOUR_SECONDS)).toBe(first);
});

test("what was served before the first one that was seen is not known", async () => {
  await put(1);
  await open();
  expect(await served.fingerprintAt(2 * HOUR_SECONDS)).toBeUndefined();
});

test("a file that cannot be read is told once, and what was read before stays known", async () => {
  const first = await put(10);
  await open();
  await writeFile(path, "garbage");
  expect(await served.fingerprintAt(HOUR_SECONDS)).toBe(first);
  expect(await served.fingerprintAt(HOUR_SECONDS)).toBe(first);
  expect(errors).toHaveLength(1);
});

test("a file that is not there is no reason not to serve", async () => {
  await open();
  expect(await served.fingerprintAt(0)).toBeUndefined();
  expect(errors).toHaveLength(1);
});
