/** The cluster's certificates: one authority, and a pair of files for everything that proves who it is. */
import { webcrypto } from "node:crypto";
import { join } from "node:path";
// @peculiar/x509 needs it before its own import.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { readIfThere, writeWhole } from "./files.ts";

export interface Subject {
  readonly user: string;
  readonly groups?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
}

export interface CertificateFiles {
  readonly certPath: string;
  readonly keyPath: string;
}

export interface Pki {
  readonly authority: CertificateFiles;
  readonly authorityPem: string;
  /** The pair of this name, made when it is not there yet. */
  issue(name: string, subject: Subject): Promise<CertificateFiles>;
  /** A key pair without a certificate, for signing service account tokens. */
  signingKey(name: string): Promise<{ readonly publicPath: string; readonly privatePath: string }>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const validityMs = 10 * 365 * 86_400_000;
const crypto: Crypto = webcrypto;

/** Opens the authority that lives in `folder`, making it on the first visit. */
export async function openPki(folder: string): Promise<Pki> {
  const authority = filesOf(folder, "ca");
  if ((await readIfThere(authority.certPath)) === undefined) await writeAuthority(authority);
  const authorityPem = await read(authority.certPath);
  const issued = new Map<string, Promise<CertificateFiles>>();
  return {
    authority,
    authorityPem,
    issue: (name, subject) => {
      const files = issued.get(name) ?? issueOnce(authority, filesOf(folder, name), subject);
      issued.set(name, files);
      return files;
    },
    signingKey: async (name) => {
      const [publicPath, privatePath] = [join(folder, `${name}.pub`), join(folder, `${name}.key`)];
      if ((await readIfThere(publicPath)) === undefined) {
        const keys = await generateKeys();
        await writeWhole(
          privatePath,
          pem("PRIVATE KEY", await crypto.subtle.exportKey("pkcs8", keys.privateKey)),
        );
        await writeWhole(
          publicPath,
          pem("PUBLIC KEY", await crypto.subtle.exportKey("spki", keys.publicKey)),
        );
      }
      return { publicPath, privatePath };
    },
  };
}

async function issueOnce(
  authority: CertificateFiles,
  files: CertificateFiles,
  subject: Subject,
): Promise<CertificateFiles> {
  if ((await readIfThere(files.certPath)) === undefined) await writeLeaf(authority, files, subject);
  return files;
}

async function writeAuthority(files: CertificateFiles): Promise<void> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: [{ CN: ["kubernetes-ca"] }],
      ...validity(),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    },
    crypto,
  );
  await writePair(files, certificate, keys.privateKey);
}

async function writeLeaf(
  authority: CertificateFiles,
  files: CertificateFiles,
  subject: Subject,
): Promise<void> {
  const issuer = new x509.X509Certificate(await read(authority.certPath));
  const keys = await generateKeys();
  const names = [
    ...(subject.dnsNames ?? []).map((value) => ({ type: "dns" as const, value })),
    ...(subject.ipAddresses ?? []).map((value) => ({ type: "ip" as const, value })),
  ];
  const certificate = await x509.X509CertificateGenerator.create(
    {
      // Kubernetes reads the user from CN and the groups from O.
      subject: [...(subject.groups ?? []).map((group) => ({ O: [group] })), { CN: [subject.user] }],
      issuer: issuer.subjectName,
      ...validity(),
      publicKey: keys.publicKey,
      signingKey: await importKey(await read(authority.keyPath)),
      signingAlgorithm: algorithm,
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.serverAuth,
          x509.ExtendedKeyUsage.clientAuth,
        ]),
        ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, crypto),
      ],
    },
    crypto,
  );
  await writePair(files, certificate, keys.privateKey);
}

/** The certificate comes last: where it stands, its key stands too. */
async function writePair(
  files: CertificateFiles,
  certificate: x509.X509Certificate,
  key: webcrypto.CryptoKey,
): Promise<void> {
  await writeWhole(files.keyPath, pem("PRIVATE KEY", await crypto.subtle.exportKey("pkcs8", key)));
  await writeWhole(files.certPath, certificate.toString("pem"));
}

function filesOf(folder: string, name: string): CertificateFiles {
  return { certPath: join(folder, `${name}.crt`), keyPath: join(folder, `${name}.key`) };
}

function validity(): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(Date.now() - 5 * 60_000), notAfter: new Date(Date.now() + validityMs) };
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

async function importKey(text: string): Promise<webcrypto.CryptoKey> {
  const [der] = x509.PemConverter.decode(text);
  if (der === undefined) throw new Error("Cannot read the authority's key: no PEM block in it");
  return crypto.subtle.importKey("pkcs8", der, algorithm, true, ["sign"]);
}

function pem(tag: string, der: ArrayBuffer): string {
  return `${x509.PemConverter.encode(der, tag)}\n`;
}

async function read(path: string): Promise<string> {
  const text = await readIfThere(path);
  if (text === undefined) throw new Error(`Cannot read "${path}": no such file`);
  return text;
}
