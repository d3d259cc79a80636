/** What the API server was asked, read from its audit log. */
import { readFile } from "node:fs/promises";

/** One request that the audit policy records. */
export interface AuditedCall {
  readonly user: string;
  readonly userAgent: string;
  readonly verb: string;
  /** Empty for the core group. */
  readonly apiGroup: string;
  /** With its subresource: "deployments", "deployments/status". */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly uri: string;
  /** The HTTP status that it was answered with. */
  readonly code: number;
  /** What it was answered with, if it was a write and not of a Secret. */
  readonly answer: unknown;
}

const WRITES: ReadonlySet<string> = new Set(["create", "update", "patch", "delete", "deletecollection"]);

/** Everything recorded so far, oldest first. A watch is there twice: when it begins and when it has ended. */
export async function readAuditLog(path: string): Promise<AuditedCall[]> {
  const lines = (await readFile(path, "utf8")).split("\n");
  // Without its end, the last one is still being written.
  return lines.slice(0, -1).map(parseLine);
}

export function isWrite({ verb }: Pick<AuditedCall, "verb">): boolean {
  return WRITES.has(verb);
}

function parseLine(line: string): AuditedCall {
  const parsed = JSON.parse(line) as AuditLine;
  const { user, userAgent, verb, objectRef, requestURI, responseStatus, responseObject } = parsed;
  const { apiGroup = "", resource = "", subresource, namespace = "", name = "" } = objectRef ?? {};
  return {
    user: user.username,
    userAgent: userAgent ?? "",
    verb,
    apiGroup,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    namespace,
    name,
    uri: requestURI,
    code: responseStatus?.code ?? 0,
    answer: responseObject,
  };
}

/** The part of audit.k8s.io/v1 that is of use here. */
interface AuditLine {
  readonly user: { readonly username: string };
  readonly userAgent?: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly responseObject?: unknown;
}
