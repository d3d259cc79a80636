/** Tells the user what a reconcile led to: the status, written only when it differs, and when to look again. */
import { isDeepStrictEqual } from "node:util";
import type { Cluster, KubernetesObject } from "#operator/engine/cluster.ts";
import type { ReconcileResult } from "#operator/engine/controller.ts";
import type { Outcome } from "#operator/engine/execute.ts";
import type { Action } from "#operator/engine/plan.ts";
import { formatRef, refOf } from "#operator/engine/object.ts";
import { toContention, toFailure } from "#operator/failure.ts";
import { findKind } from "#operator/kinds.ts";
import type { Memories } from "#operator/memories.ts";
import type { Surroundings } from "#operator/read.ts";
import type { ReconcileObserver } from "#operator/reconcile-observer.ts";
import type { CertificateProblem } from "#operator/sseservice/certificate-problem.ts";
import type { Failure, Observation, ServiceStats } from "#operator/sseservice/conditions/observation.ts";
import { backplaneName, deploymentName, serviceName } from "#operator/sseservice/names.ts";
import type { Issue } from "#operator/sseservice/parse.ts";
import type { ServedCertificate } from "#operator/sseservice/resources/secrets.ts";
import type { MissingReference } from "#operator/sseservice/references.ts";
import { lastingFailure, type RenewalAttempt } from "#operator/sseservice/renewal-failure.ts";
import { GROUP, KIND, type SseService, VERSION } from "#operator/sseservice/spec.ts";
import { eventsBetween, type StatusEvent } from "#operator/sseservice/status-events.ts";
import { type SseServiceStatus, SseServiceStatusSchema } from "#operator/sseservice/status-schema.ts";
import { buildStatus } from "#operator/sseservice/status.ts";
import { buildExpectation } from "#operator/verification/expectation.ts";
import type { Verifier } from "#operator/verification/verifier.ts";

/** What the steps before came to: the reasons why nothing could be done, or what was done. */
export type Result = { readonly issues: readonly Issue[] } | Work;

interface Work {
  readonly service: SseService;
  readonly certificate: {
    /** What the pods are to serve. */
    readonly material: ServedCertificate | undefined;
    readonly served: SseServiceStatus["certificate"];
    readonly problem: CertificateProblem | undefined;
    /** The last try to have it renewed. */
    readonly attempt: RenewalAttempt | undefined;
  };
  readonly missingReferences: readonly MissingReference[];
  readonly outcomes: readonly Outcome[];
  /** The run had to wait for its turn: the service asks for more runs than it may have. */
  readonly isThrottled: boolean;
  /** What a paused service would be changed in. */
  readonly waiting: readonly Action[];
}

/** What it takes to tell the user. */
export interface Reporting {
  readonly cluster: Pick<Cluster, "applyStatus" | "recordEvent">;
  readonly memories: Pick<Memories, "writes">;
  /** Opens each service beside the reconciles, as they tell it to. */
  readonly verifier: Pick<Verifier, "expect" | "verdict">;
  /** What the pods of a service said last, or undefined while none was asked. */
  readonly stats: (key: string) => ServiceStats | undefined;
  readonly now: () => Date;
  readonly observer?: Pick<ReconcileObserver, "statusWritten">;
}

/** What only a human can mend is looked at again this often, as no event tells that it was mended. */
const STALLED_RETRY_MS = 15_000;

export async function report(
  { cluster, memories, verifier, stats, now, observer }: Reporting,
  seen: Surroundings,
  result: Result,
  signal: AbortSignal,
): Promise<ReconcileResult> {
  const work = "issues" in result ? undefined : result;
  const issues = "issues" in result ? result.issues : [];
  const time = now();
  const observation = observe(seen, issues, work, stats(seen.key), time);
  const { previous, failures } = observation;
  if (work) verifier.expect(seen.key, buildExpectation(observation, work.certificate.material));
  const status = buildStatus({ ...observation, http2: verifier.verdict(seen.key) }, time);
  if (!isDeepStrictEqual(previous, status)) {
    memories.writes.remember(await writeStatus(cluster, seen.resource, status, signal));
    observer?.statusWritten?.();
    recordEvents(cluster, seen, eventsBetween(previous, status));
  }
  return nextRun(work?.outcomes ?? [], failures.length > 0);
}

function observe(
  seen: Surroundings,
  issues: readonly Issue[],
  work: Work | undefined,
  stats: ServiceStats | undefined,
  now: Date,
): Omit<Observation, "http2"> {
  const children = withApplied(seen.children, work?.outcomes ?? []);
  const previous = statusOf(seen.resource);
  const { name, generation = 0 } = seen.resource.metadata;
  return {
    name,
    generation,
    previous,
    service: work?.service,
    issues,
    failures: work ? failuresOf(seen, work) : [],
    missingReferences: work?.missingReferences ?? [],
    waiting: work?.waiting.flatMap(describeWaiting) ?? [],
    deployment: findKind("Deployment", deploymentName(name), children),
    backplaneServer: findKind("StatefulSet", backplaneName(name), children),
    pods: seen.pods,
    backplanePods: seen.backplanePods,
    kubernetesService: findKind("Service", serviceName(name), children),
    nodes: seen.nodes,
    certificate: work ? describeServed(work.certificate, previous, now) : previous?.certificate,
    certificateProblem: work?.certificate.problem,
    stats,
  };
}

function describeServed(
  { served, attempt }: Work["certificate"],
  previous: SseServiceStatus | undefined,
  now: Date,
): SseServiceStatus["certificate"] {
  const before = previous?.certificate;
  const isSame = served?.fingerprint === before?.fingerprint;
  const renewalFailure = lastingFailure(isSame ? before?.renewalFailure : undefined, attempt, now);
  return served && { ...served, ...(renewalFailure && { renewalFailure }) };
}

function failuresOf(seen: Surroundings, { outcomes, isThrottled }: Work): readonly Failure[] {
  return [...outcomes.flatMap(toFailure), ...(isThrottled ? toContention(outcomes, seen.children) : [])];
}

/** A process that has just begun does not know yet what it would change. */
function describeWaiting(action: Action): string[] {
  if (action.kind === "apply" && action.reason === "unknown") return [];
  const { kind, name } = action.kind === "apply" ? refOf(action.object) : action.ref;
  return [`${kind} "${name}"`];
}

/** The children as they are now: an apply's answer is newer than what the watches have seen. */
function withApplied(
  observed: readonly KubernetesObject[],
  outcomes: readonly Outcome[],
): KubernetesObject[] {
  const byRef = new Map(observed.map((object) => [formatRef(refOf(object)), object]));
  for (const outcome of outcomes) {
    if (outcome.kind === "applied") byRef.set(formatRef(outcome.ref), outcome.object);
  }
  return [...byRef.values()];
}

/** Our own earlier write; what another release left in another shape counts as none, and is replaced. */
function statusOf(resource: KubernetesObject): SseServiceStatus | undefined {
  return SseServiceStatusSchema.safeParse(resource["status"]).data;
}

async function writeStatus(
  cluster: Reporting["cluster"],
  { metadata: { name, namespace = "" } }: KubernetesObject,
  status: SseServiceStatus,
  signal: AbortSignal,
): Promise<KubernetesObject> {
  return cluster.applyStatus(
    { apiVersion: `${GROUP}/${VERSION}`, kind: KIND, metadata: { name, namespace }, status },
    { signal },
  );
}

function recordEvents(
  cluster: Reporting["cluster"],
  { resource, owner }: Surroundings,
  events: readonly StatusEvent[],
): void {
  const regarding = { ...refOf(resource), uid: owner.uid };
  for (const event of events) cluster.recordEvent({ ...event, regarding, action: "Reconcile" });
}

/** Renewals need no timer of their own: the resync comes often enough. */
function nextRun(outcomes: readonly Outcome[], needsHuman: boolean): ReconcileResult {
  const errors = outcomes.flatMap((outcome) => (outcome.kind === "failed" ? outcome.error : []));
  const transient = errors.find(({ retry }) => retry === "backoff");
  if (transient) return { kind: "failed", error: transient };
  return needsHuman ? { kind: "again", afterMs: STALLED_RETRY_MS } : { kind: "done" };
}
