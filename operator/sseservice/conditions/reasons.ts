/** Every reason that a condition may give: a closed set, which docs/status.md explains to users. Pure. */
import { CERTIFICATE_FLAWS } from "../certificate-problem.ts";
import type { ConditionType } from "../status-schema.ts";
import { PODS_PROBLEMS } from "./pods-problem.ts";

export const REASONS = {
  Stalled: [
    "NotStalled",
    "InvalidSpec",
    "NodePortTaken",
    "NotOwned",
    "Forbidden",
    "Refused",
    "Contended",
    "ReferenceMissing",
    "CertManagerMissing",
    ...CERTIFICATE_FLAWS,
    ...PODS_PROBLEMS,
  ],
  Reconciling: ["Settled", "RollingOut", "WaitingForAddress", "Retrying", "Verifying", "Stalled"],
  Available: ["PodsAvailable", "PodsStarting", ...PODS_PROBLEMS, "ScaledToZero", "DeploymentMissing"],
  ReferencesReady: ["Found", "NothingNamed", "SecretMissing", "ConfigMapMissing", "KeyMissing", "NotKnown"],
  CertificateReady: [
    "Issued",
    "RenewalFailing",
    "Provided",
    "NotIssued",
    "IssuancePending",
    "CertManagerMissing",
    ...CERTIFICATE_FLAWS,
  ],
  BackplaneReady: [
    "InMemory",
    "ServerReady",
    "Configured",
    "Weak",
    "ServerStarting",
    "Unreachable",
    "NotKnown",
  ],
  Paused: ["NotPaused", "Paused", "ChangesWait", "NotKnown"],
  Http2Verified: [
    "Verified",
    "Pending",
    "NoPods",
    "NotKnown",
    "Unreachable",
    "NoTls",
    "CertificateRefused",
    "OldCertificate",
    "NoHttp2",
    "WrongAnswer",
    "NoHeartbeat",
  ],
} as const satisfies Record<PartType, readonly string[]>;

/** The conditions that Ready sums up. */
export type PartType = Exclude<ConditionType, "Ready">;

export type Reason<Type extends PartType = PartType> = (typeof REASONS)[Type][number];
