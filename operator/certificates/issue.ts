/** Issues certificate authorities and the certificates they sign: ECDSA P-256, by @peculiar/x509. Pure given the time. */
import { webcrypto } from "node:crypto";
// @peculiar/x509 needs it before its own import.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import type { KeyPair } from "#operator/sseservice/resources/secrets.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;
/** Clocks of clients may be behind. */
const BACKDATE_MS = 5 * 60_000;
const AUTHORITY_VALIDITY_DAYS = 3_650;

export interface LeafRequest {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly validityDays: number;
}

/** A new certificate authority, which may sign leaves and nothing else. */
export async function issueAuthority(commonName: string, now: Date): Promise<KeyPair> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: [{ CN: [commonName] }],
      ...validity(now, AUTHORITY_VALIDITY_DAYS),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    },
    webcrypto,
  );
  return exportPair(certificate, keys.privateKey);
}

/** A server certificate for the requested names, signed by `authority`; never outlives it. */
export async function issueLeaf(authority: KeyPair, request: LeafRequest, now: Date): Promise<KeyPair> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const keys = await generateKeys();
  const { notBefore, notAfter } = validity(now, request.validityDays);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: [{ CN: [request.commonName] }],
      issuer: issuer.subjectName,
      notBefore,
      notAfter: notAfter < issuer.notAfter ? notAfter : issuer.notAfter,
      publicKey: keys.publicKey,
      signingKey: await importSigningKey(authority.key),
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([
          ...request.dnsNames.map((value) => ({ type: "dns" as const, value })),
          ...request.ipAddresses.map((value) => ({ type: "ip" as const, value })),
        ]),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ],
    },
    webcrypto,
  );
  return exportPair(certificate, keys.privateKey);
}

function validity(now: Date, days: number): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: new Date(now.getTime() - BACKDATE_MS),
    notAfter: new Date(now.getTime() + days * DAY_MS),
  };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

function importSigningKey(pem: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey("pkcs8", x509.PemConverter.decodeFirst(pem), ALGORITHM, false, ["sign"]);
}

async function exportPair(certificate: x509.X509Certificate, privateKey: CryptoKey): Promise<KeyPair> {
  const der = await webcrypto.subtle.exportKey("pkcs8", privateKey);
  return {
    certificate: `${certificate.toString("pem")}\n`,
    key: `${x509.PemConverter.encode(der, "PRIVATE KEY")}\n`,
  };
}
