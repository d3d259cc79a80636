/** CertificateReady: the pods serve the certificate that the resource asks for. Pure. */
import type { Observation } from "./observation.ts";
import { type Checks, no, yes } from "./verdict.ts";

export const certificateReady: Checks<"CertificateReady"> = [
  ({ failures }) => {
    for (const { reason, message } of failures)
      if (reason === "CertManagerMissing") return no(reason, message);
    return undefined;
  },
  (observation) => {
    const { certificateProblem: problem } = observation;
    return problem && no(problem.reason, `${problem.message}${describeMeanwhile(observation)}`);
  },
  ({ certificate, service }) =>
    certificate && service?.certificate.kind === "Secret"
      ? yes("Provided", `Valid until ${certificate.notAfter}; a new one in its Secret is served at once`)
      : undefined,
  ({ certificate }) => {
    if (!certificate?.renewalFailure) return undefined;
    const { notAfter, renewalFailure } = certificate;
    const { since, message } = renewalFailure;
    return yes("RenewalFailing", `Valid until ${notAfter}, but renewing it fails since ${since}: ${message}`);
  },
  ({ certificate }) =>
    certificate &&
    yes(
      "Issued",
      `Valid until ${certificate.notAfter}, renewed ${certificate.renewalTime ? `at ${certificate.renewalTime}` : "before"}`,
    ),
  () => no("NotIssued", "No certificate has been issued yet; see the Stalled condition"),
];

function describeMeanwhile({ certificate }: Observation): string {
  return certificate
    ? `. Meanwhile the one before is served, which is valid until ${certificate.notAfter}`
    : ". No pod is started without one";
}
