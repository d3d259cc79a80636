/** A certificate for this run, of the kind that the operator issues. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { issueAuthority, issueLeaf } from "#operator/certificates/issue.ts";

export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

export async function writeCertificate(directory: string): Promise<CertificateFiles> {
  const now = new Date();
  const names = { commonName: "bench", dnsNames: ["localhost"], ipAddresses: ["127.0.0.1"], validityDays: 1 };
  const leaf = await issueLeaf(await issueAuthority("bench", now), names, now);
  const files = { certificate: join(directory, "tls.crt"), key: join(directory, "tls.key") };
  await mkdir(directory, { recursive: true });
  await writeFile(files.certificate, leaf.certificate);
  await writeFile(files.key, leaf.key);
  return files;
}
