/** Ready sums up: the first condition that is not as it should be speaks for all. Pure. */
import type { PartType } from "./reasons.ts";
import { no, type Verdict, yes } from "./verdict.ts";

export function ready(verdicts: Readonly<Record<PartType, Verdict>>): Verdict {
  const {
    Stalled,
    ReferencesReady,
    CertificateReady,
    BackplaneReady,
    Available,
    Reconciling,
    Http2Verified,
    Paused,
  } = verdicts;
  if (Stalled.status === "True") return no(Stalled.reason, Stalled.message);
  for (const { status, reason, message } of [ReferencesReady, CertificateReady, BackplaneReady, Available]) {
    if (status !== "True") return no(reason, message);
  }
  if (Reconciling.status === "True") return no(Reconciling.reason, Reconciling.message);
  // Without a pod there is nothing to open, and Available has said so.
  if (Http2Verified.status !== "True") return no(Http2Verified.reason, Http2Verified.message);
  if (Paused.reason === "ChangesWait") return no(Paused.reason, Paused.message);
  return yes("Ready", Available.message);
}
