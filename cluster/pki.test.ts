import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openPki } from "./pki.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pki-test-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("a certificate names user, groups and addresses, and is signed by the authority", async () => {
  const pki = await openPki(folder);
  const subject = {
    user: "eve",
    groups: ["one", "two"],
    dnsNames: ["eve.example"],
    ipAddresses: ["10.64.0.2"],
  };
  const { certPath } = await pki.issue("eve", subject);
  const certificate = new X509Certificate(await readFile(certPath));
  expect(certificate.subject.split("\n")).toEqual(["O=one", "O=two", "CN=eve"]);
  expect(certificate.checkHost("eve.example")).toBe("eve.example");
  expect(certificate.checkIP("10.64.0.2")).toBe("10.64.0.2");
  expect(certificate.verify(new X509Certificate(pki.authorityPem).publicKey)).toBe(true);
});

test("what was issued once stays, also for the next command", async () => {
  const first = await openPki(folder);
  const { certPath } = await first.issue("eve", { user: "eve" });
  const issued = await readFile(certPath, "utf8");
  const second = await openPki(folder);
  await Promise.all([second.issue("eve", { user: "eve" }), second.issue("eve", { user: "eve" })]);
  expect(await readFile(certPath, "utf8")).toBe(issued);
  expect(second.authorityPem).toBe(first.authorityPem);
});
