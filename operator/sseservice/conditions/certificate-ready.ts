/** CertificateReady: the pods have a good certificate to serve. Pure. */
import { type Checks, no, yes } from "./verdict.ts";

export const certificateReady: Checks<"CertificateReady"> = [
  ({ certificate }) =>
    certificate &&
    yes("Issued", `Valid until ${certificate.notAfter}, renewed at ${certificate.renewalTime}`),
  () => no("NotIssued", "No certificate has been issued yet; see the Stalled condition"),
];
