/** Http2Verified: the operator opened the Service itself and was served as a browser would be. Pure. */
import type { Http2Failure, Http2Finding, Http2Verdict, Observation } from "./observation.ts";
import type { Reason } from "./reasons.ts";
import { rolloutOf } from "./rollout.ts";
import { type Checks, no, unknown, type Verdict, yes } from "./verdict.ts";

export const http2Verified: Checks<"Http2Verified"> = [
  ({ service }) =>
    service ? undefined : unknown("NotKnown", "The resource is invalid; see the Stalled condition"),
  ({ deployment }) =>
    deployment?.status?.availableReplicas
      ? undefined
      : unknown("NoPods", "No pod serves; see the Available condition"),
  (observation) => {
    const before = messageFromBefore(observation);
    if (observation.http2) return toVerdict(observation.http2, before);
    return before === undefined ? undefined : yes("Verified", before);
  },
  () => unknown("Pending", "The Service has not been opened since the last rollout"),
];

const FOUND: Readonly<Record<Http2Finding, string>> = {
  Open: "two streams on one connection brought a heartbeat each",
  TokenNeeded:
    "two streams on one connection were refused for want of a token, as spec.access.subscribe has it",
  Full: "two streams on one connection were told to come back: the pods have as many as spec.limits.maxConnections allows",
};

const NEXT_STEP: Readonly<Record<Http2Failure["reason"], string>> = {
  Unreachable:
    "if the pods are ready, see whether a NetworkPolicy keeps the operator from them, and whether kube-proxy works",
  NoTls: "see the logs of the container nginx",
  CertificateRefused: "see who else answers at the Service's address, and the condition CertificateReady",
  OldCertificate: "restart the pods with kubectl rollout restart if that does not pass",
  NoHttp2: "see whether spec.images.nginx is an nginx of at least 1.26 with its HTTP/2 module",
  WrongAnswer: "see what else answers at the Service's address, or what spec.images names",
  NoHeartbeat: "see the logs of the container runtime",
};

/** The latency that is told already stays: it differs from look to look, and a status must not be written for that. */
function toVerdict(http2: Http2Verdict, before: string | undefined): Verdict<Reason<"Http2Verified">> {
  if (http2.kind === "failed") {
    const { reason, message } = http2.failure;
    return no(reason, `${message}: ${NEXT_STEP[reason]}`);
  }
  const found = `Over TLS and HTTP/2, ${FOUND[http2.finding]}`;
  return yes("Verified", before?.startsWith(found) ? before : `${found}, within ${http2.latencyMs} ms`);
}

/** A process that has just begun has opened nothing yet; what the one before it found holds while nothing has changed. */
function messageFromBefore(observation: Observation): string | undefined {
  const { previous, generation } = observation;
  const before = previous?.conditions?.find(({ type }) => type === "Http2Verified");
  const holds = before?.status === "True" && before.observedGeneration === generation;
  return holds && rolloutOf(observation)?.isDone ? before.message : undefined;
}
