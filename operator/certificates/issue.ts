/** Issues certificate authorities and the certificates they sign: X.509 version 3 (RFC 5280), ECDSA P-256. Pure given the time. */
import { createHash, generateKeyPair, type KeyObject, randomBytes, sign, X509Certificate } from "node:crypto";
import { isIPv4 } from "node:net";
import { promisify } from "node:util";
import type { KeyPair } from "#operator/sseservice/resources/secrets.ts";
import {
  bitString,
  boolean,
  contentOf,
  type Der,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  partsOf,
  sequence,
  set,
  time,
  utf8String,
} from "./der.ts";

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
  const { publicKey, privateKey } = await generateKeys();
  const name = buildName(commonName);
  const draft = {
    issuer: name,
    subject: name,
    ...validity(now, AUTHORITY_VALIDITY_DAYS),
    publicKey,
    extensions: [
      critical(BASIC_CONSTRAINTS, sequence(boolean(true), integer(Uint8Array.of(0)))),
      critical(KEY_USAGE, CERTIFICATE_SIGNING),
      extension(SUBJECT_KEY_IDENTIFIER, octetString(keyIdentifier(publicKey))),
    ],
  };
  return { certificate: signCertificate(draft, privateKey), key: toPem(privateKey) };
}

/** A server certificate for the requested names, signed by `authority`; never outlives it. */
export async function issueLeaf(authority: KeyPair, request: LeafRequest, now: Date): Promise<KeyPair> {
  const { publicKey, privateKey } = await generateKeys();
  const issuer = new X509Certificate(authority.certificate);
  const { notBefore, notAfter } = validity(now, request.validityDays);
  const draft = {
    issuer: subjectOf(issuer),
    subject: buildName(request.commonName),
    notBefore,
    notAfter: notAfter < issuer.validToDate ? notAfter : issuer.validToDate,
    publicKey,
    extensions: [
      critical(BASIC_CONSTRAINTS, sequence()),
      critical(KEY_USAGE, DIGITAL_SIGNATURE),
      extension(EXTENDED_KEY_USAGE, sequence(objectIdentifier(SERVER_AUTHENTICATION))),
      extension(SUBJECT_ALTERNATIVE_NAME, sequence(...alternativeNames(request))),
      extension(SUBJECT_KEY_IDENTIFIER, octetString(keyIdentifier(publicKey))),
      extension(AUTHORITY_KEY_IDENTIFIER, sequence(implicit(0, keyIdentifier(issuer.publicKey)))),
    ],
  };
  return { certificate: signCertificate(draft, authority.key), key: toPem(privateKey) };
}

const COMMON_NAME = "2.5.4.3";
const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
const BASIC_CONSTRAINTS = "2.5.29.19";
const KEY_USAGE = "2.5.29.15";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";
const SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";
const SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
const AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";

/** Bits of KeyUsage: the first; the sixth and seventh, of certificates and of revocation lists. */
const DIGITAL_SIGNATURE = bitString(Uint8Array.of(0b1000_0000), 7);
const CERTIFICATE_SIGNING = bitString(Uint8Array.of(0b0000_0110), 1);

const VERSION_3 = explicit(0, integer(Uint8Array.of(2)));

interface Draft {
  readonly issuer: Der;
  readonly subject: Der;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Der[];
}

/** PEM of the certificate that the draft becomes under this private key. */
function signCertificate(draft: Draft, signingKey: KeyObject | string): string {
  const algorithm = sequence(objectIdentifier(ECDSA_WITH_SHA256));
  const toBeSigned = sequence(
    VERSION_3,
    integer(newSerialNumber()),
    algorithm,
    draft.issuer,
    sequence(time(draft.notBefore), time(draft.notAfter)),
    draft.subject,
    subjectPublicKeyInfo(draft.publicKey),
    explicit(3, sequence(...draft.extensions)),
  );
  const signature = sign("sha256", toBeSigned, signingKey);
  return new X509Certificate(sequence(toBeSigned, algorithm, bitString(signature))).toString();
}

/** Sixteen bytes; positive, and no needless zero first. */
function newSerialNumber(): Uint8Array {
  const bytes = randomBytes(16);
  bytes[0] = 0x40 + ((bytes[0] ?? 0) % 0x40);
  return bytes;
}

function buildName(commonName: string): Der {
  return sequence(set(sequence(objectIdentifier(COMMON_NAME), utf8String(commonName))));
}

/** Byte by byte as it stands there: clients compare it so. */
function subjectOf({ raw }: X509Certificate): Der {
  const [toBeSigned = raw] = partsOf(raw);
  const [, , , , , subject = raw] = partsOf(toBeSigned);
  return subject;
}

function extension(identifier: string, value: Der): Der {
  return sequence(objectIdentifier(identifier), octetString(value));
}

/** Who does not know it has to refuse the certificate. */
function critical(identifier: string, value: Der): Der {
  return sequence(objectIdentifier(identifier), boolean(true), octetString(value));
}

function alternativeNames({ dnsNames, ipAddresses }: LeafRequest): Der[] {
  return [
    ...dnsNames.map((name) => implicit(2, Buffer.from(name, "latin1"))),
    ...ipAddresses.map((address) => implicit(7, addressBytes(address))),
  ];
}

function addressBytes(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split("."), Number);
  // A URL has the one canonical spelling: groups of hexadecimal digits, "::" for a run of zeros, no dots.
  const { hostname } = new URL(`http://[${address}]`);
  const [before = [], after = []] = hostname
    .slice(1, -1)
    .split("::")
    .map((half) => half.split(":").filter((group) => group !== ""));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  const groups = [...before, ...zeros, ...after].map((group) => group.padStart(4, "0"));
  return Buffer.from(groups.join(""), "hex");
}

/** The hash of the key's bits, as RFC 5280 proposes (4.2.1.2). */
function keyIdentifier(publicKey: KeyObject): Uint8Array {
  const [, bits = new Uint8Array()] = partsOf(subjectPublicKeyInfo(publicKey));
  return createHash("sha1").update(contentOf(bits).subarray(1)).digest();
}

function subjectPublicKeyInfo(publicKey: KeyObject): Der {
  return publicKey.export({ type: "spki", format: "der" });
}

function validity(now: Date, days: number): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: new Date(now.getTime() - BACKDATE_MS),
    notAfter: new Date(now.getTime() + days * DAY_MS),
  };
}

function generateKeys(): Promise<{ readonly publicKey: KeyObject; readonly privateKey: KeyObject }> {
  return promisify(generateKeyPair)("ec", { namedCurve: "P-256" });
}

function toPem(privateKey: KeyObject): string {
  return privateKey.export({ type: "pkcs8", format: "pem" });
}
