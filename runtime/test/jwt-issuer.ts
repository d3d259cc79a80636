/** An issuer of tokens: real keys, real signatures, and a JWKS server on a loopback port that counts its requests. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey, type JWK } from "jose";

export const ISSUER = "https://issuer.example";
export const AUDIENCE = "events";
export const EVERYTHING = { publish: ["*"], subscribe: ["*"] };

export interface TokenSpec {
  /** The claim; null: none. */
  readonly sse?: unknown;
  /** From now; negative: expired. */
  readonly expiresInSeconds?: number;
  readonly issuer?: string;
  readonly audience?: string;
}

export class SigningKey {
  readonly id: string;
  readonly algorithm: string;
  readonly #privateKey: CryptoKey;
  readonly #publicKey: CryptoKey;

  constructor(id: string, algorithm: string, pair: { privateKey: CryptoKey; publicKey: CryptoKey }) {
    this.id = id;
    this.algorithm = algorithm;
    this.#privateKey = pair.privateKey;
    this.#publicKey = pair.publicKey;
  }

  static async create(id = "key-1", algorithm = "ES256"): Promise<SigningKey> {
    return new SigningKey(id, algorithm, await generateKeyPair(algorithm, { extractable: true }));
  }

  async jwk(): Promise<JWK> {
    return { ...(await exportJWK(this.#publicKey)), kid: this.id, alg: this.algorithm, use: "sig" };
  }

  pem(): Promise<string> {
    return exportSPKI(this.#publicKey);
  }

  sign(spec: TokenSpec = {}): Promise<string> {
    return signToken({ alg: this.algorithm, kid: this.id }, this.#privateKey, spec);
  }
}

export function signToken(
  header: { alg: string; kid?: string },
  key: CryptoKey | Uint8Array,
  { sse = EVERYTHING, expiresInSeconds = 600, issuer = ISSUER, audience = AUDIENCE }: TokenSpec = {},
): Promise<string> {
  return new SignJWT(sse === null ? {} : { sse })
    .setProtectedHeader(header)
    .setIssuer(issuer)
    .setAudience(audience)
    .setExpirationTime(Math.floor(Date.now() / 1_000) + expiresInSeconds)
    .sign(key);
}

export interface JwksServer {
  readonly url: string;
  /** What it answers with next. */
  answer: { status: number; body: string; headers?: Record<string, string> };
  requests: number;
  close(): void;
}

/** `tls`: it speaks HTTPS with this certificate. */
export async function startJwksServer(
  key: SigningKey,
  tls?: { readonly key: string; readonly certificate: string },
): Promise<JwksServer> {
  const answer: RequestListener = (_request, response) => {
    jwks.requests++;
    response.writeHead(jwks.answer.status, jwks.answer.headers).end(jwks.answer.body);
  };
  const server =
    tls === undefined
      ? createServer(answer)
      : createTlsServer({ key: tls.key, cert: tls.certificate }, answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const jwks: JwksServer = {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}/jwks.json`,
    answer: { status: 200, body: await jwksOf(key) },
    requests: 0,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return jwks;
}

export async function jwksOf(...keys: readonly SigningKey[]): Promise<string> {
  return JSON.stringify({ keys: await Promise.all(keys.map((key) => key.jwk())) });
}
