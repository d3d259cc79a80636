/**
 * Opens a service once, as a browser does: TLS, HTTP/2 by ALPN, two streams on one connection, and on each the first block
 * of a stream, which has the shape of every heartbeat. Knows neither Kubernetes nor when to ask again.
 */
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { Http2Failure, Http2Finding } from "#operator/sseservice/conditions/observation.ts";
import { readAnswer } from "./answer.ts";

export interface ProbeTarget {
  /** Host name or IP address. */
  readonly address: string;
  readonly port: number;
  readonly serverName: string;
  /** PEM: whom to trust, or the very certificate that is to be served. */
  readonly trusted: readonly string[];
}

export type ProbeResult =
  | {
      readonly kind: "verified";
      readonly finding: Http2Finding;
      /** From the first packet to the first bytes of both streams. */
      readonly latencyMs: number;
      /** SHA-256 of the certificate that was served. */
      readonly fingerprint: string;
    }
  | { readonly kind: "failed"; readonly failure: Http2Failure };

export type Probe = (target: ProbeTarget) => Promise<ProbeResult>;

interface ProbeLimits {
  readonly connectMs: number;
  readonly answerMs: number;
}

const LIMITS: ProbeLimits = { connectMs: 3_000, answerMs: 5_000 };

/** Never rejects: whatever goes wrong is what was found. */
export async function probeHttp2(target: ProbeTarget, limits: ProbeLimits = LIMITS): Promise<ProbeResult> {
  const startedMs = performance.now();
  let socket: Socket | undefined;
  try {
    socket = await openTcp(target, limits);
    const tls = await openTls(socket, target, limits);
    const finding = await openStreams(tls, target, limits);
    const latencyMs = performance.now() - startedMs;
    return { kind: "verified", finding, latencyMs, fingerprint: tls.getPeerCertificate().fingerprint256 };
  } catch (error) {
    if (error instanceof ProbeError) return { kind: "failed", failure: error.failure };
    throw error;
  } finally {
    socket?.destroy();
  }
}

/** What was found instead; leaves this file only as a value. */
class ProbeError extends Error {
  readonly failure: Http2Failure;
  constructor(reason: Http2Failure["reason"], message: string) {
    super(message);
    this.failure = { reason, message };
  }
}

function openTcp({ address, port }: ProbeTarget, { connectMs }: ProbeLimits): Promise<Socket> {
  const socket = connectTcp({ host: address, port, noDelay: true });
  const fail = (found: string) =>
    new ProbeError("Unreachable", `The Service's address ${address} port ${port} ${found}`);
  return settle<Socket>(socket, "connect", connectMs, {
    onTimeout: () => fail(`did not answer within ${connectMs} ms`),
    onError: (error) => fail(`refused the connection: ${codeOf(error)}`),
  });
}

function openTls(
  socket: Socket,
  { serverName, trusted }: ProbeTarget,
  { connectMs }: ProbeLimits,
): Promise<TLSSocket> {
  const tls = connectTls({
    socket,
    servername: serverName,
    ca: [...trusted],
    allowPartialTrustChain: true,
    ALPNProtocols: ["h2", "http/1.1"],
    // The certificate is known by its authority or by itself; which names it should hold is checked where it is made.
    checkServerIdentity: () => undefined,
  });
  return settle<TLSSocket>(tls, "secureConnect", connectMs, {
    onTimeout: () => new ProbeError("NoTls", `No TLS handshake came about within ${connectMs} ms`),
    onError: toTlsError,
  });
}

const NOT_TRUSTED = /CERT|SIGNATURE|ISSUER|SELF_SIGNED/;

function toTlsError(error: Error): ProbeError {
  const code = codeOf(error);
  return NOT_TRUSTED.test(code)
    ? new ProbeError("CertificateRefused", `The certificate that is served is not to be trusted: ${code}`)
    : new ProbeError("NoTls", `No TLS handshake came about: ${code}`);
}

const STREAMS = 2;

async function openStreams(
  tls: TLSSocket,
  { serverName }: ProbeTarget,
  { answerMs }: ProbeLimits,
): Promise<Http2Finding> {
  if (tls.alpnProtocol !== "h2") {
    const found = tls.alpnProtocol || "no protocol at all";
    throw new ProbeError("NoHttp2", `TLS negotiated ${found} instead of h2`);
  }
  const session = connectHttp2(`https://${serverName}`, { createConnection: () => tls });
  const deadline = AbortSignal.timeout(answerMs);
  try {
    const answers = await Promise.all(
      Array.from({ length: STREAMS }, () => openStream(session, deadline, answerMs)),
    );
    return answers[0] ?? "Open";
  } finally {
    session.destroy();
  }
}

async function openStream(
  session: ClientHttp2Session,
  deadline: AbortSignal,
  answerMs: number,
): Promise<Http2Finding> {
  const answer = await readAnswer(session, deadline);
  switch (answer.kind) {
    case "found":
      return answer.finding;
    case "wrong":
      throw new ProbeError("WrongAnswer", answer.message);
    case "silent":
      throw new ProbeError("NoHeartbeat", `${answer.message} within ${answerMs} ms`);
  }
}

interface Failures {
  readonly onTimeout: () => Error;
  readonly onError: (error: Error) => Error;
}

/** The socket once it emits `event`; rejects when it fails, ends or takes too long. */
function settle<S extends Socket>(
  socket: S,
  event: "connect" | "secureConnect",
  timeoutMs: number,
  { onTimeout, onError }: Failures,
): Promise<S> {
  const { promise, resolve, reject } = Promise.withResolvers<S>();
  const timer = setTimeout(() => reject(onTimeout()), timeoutMs);
  socket.once(event, () => resolve(socket));
  // Stays for the socket's life: an error after this one has no other listener.
  socket.on("error", (error) => reject(onError(error)));
  socket.once("close", () => reject(onError(new Error("the connection was closed"))));
  return promise.finally(() => clearTimeout(timer));
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
