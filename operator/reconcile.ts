/**
 * Makes the cluster as one SseService asks for, in six steps: read, parse, build, plan, execute, report.
 * The file to open first. What decides is pure; only `cluster` acts.
 */
import { buildReissue } from "#operator/certificates/cert-manager.ts";
import {
  attemptOf,
  describeCertificate,
  isReissueAsked,
  renewMaterial,
} from "#operator/certificates/material.ts";
import type { Cluster } from "#operator/engine/cluster.ts";
import type { Reconcile, ReconcileResult } from "#operator/engine/controller.ts";
import { executePlan, type Outcome } from "#operator/engine/execute.ts";
import type { Owner } from "#operator/engine/ownership.ts";
import { type Action, planChildren } from "#operator/engine/plan.ts";
import type { Memories } from "#operator/memories.ts";
import { readDependencies } from "#operator/read-dependencies.ts";
import { forgetMaterial, readMaterial } from "#operator/read-material.ts";
import { readSurroundings, type Surveying } from "#operator/read.ts";
import type { ReconcileObserver } from "#operator/reconcile-observer.ts";
import { report, type Reporting } from "#operator/report.ts";
import { buildChildren } from "#operator/sseservice/build.ts";
import type { Installation } from "#operator/sseservice/installation.ts";
import { certificateNames } from "#operator/sseservice/observation.ts";
import { parseSseService } from "#operator/sseservice/parse.ts";
import { parseKey } from "#operator/watches.ts";

export interface ReconcilerOptions extends Surveying, Reporting {
  readonly cluster: Cluster;
  readonly memories: Memories;
  readonly installation: Installation;
  readonly observer?: ReconcileObserver;
}

/** One run for one key (`namespace/name`). Rejects with ClusterError when a read or the write of a status fails. */
export function createReconciler(options: ReconcilerOptions): Reconcile {
  const { cluster, memories, installation, now } = options;
  const { memo } = memories;

  return async function reconcile(key, { signal, isThrottled }) {
    const seen = readSurroundings(options, key);
    if (!seen) return forget(options, key);

    const parsed = parseSseService(seen.resource);
    if ("issues" in parsed) return report(options, seen, { issues: parsed.issues }, signal);

    const { service } = parsed;
    const existing = await readMaterial(memories.secrets, seen, service, signal);
    const { origin, missingReferences } = await readDependencies(options, seen, service, signal);
    const names = certificateNames(service, seen.nodes, seen.kubernetesService);
    const { material, problem } = await renewMaterial(service, existing, { names, origin }, now());
    const hasPods = seen.deployment !== undefined;
    const desired = buildChildren(service, { material, names, installation, hasPods });
    const actions = planChildren({ owner: seen.owner, desired, observed: seen.children, memo });

    const isPaused = service.spec.paused;
    if (!isPaused && isReissueAsked(existing, material))
      await cluster.applyStatus(buildReissue(service, now()), { signal });
    const outcomes = isPaused ? [] : await execute(options, seen.owner, actions, signal);
    const waiting = isPaused ? actions : [];
    const kept = isPaused ? existing : material;
    const served = describeCertificate(kept, origin);
    const attempt = attemptOf(origin);
    const certificate = { material: kept.certificate, served, problem, attempt };
    const result = { service, certificate, missingReferences, outcomes, waiting, isThrottled };
    return report(options, seen, result, signal);
  };
}

function forget({ watches, memories, verifier }: ReconcilerOptions, key: string): ReconcileResult {
  watches.followForeign(key, []);
  forgetMaterial(memories.secrets, parseKey(key));
  verifier.expect(key, undefined);
  return { kind: "done" };
}

async function execute(
  { cluster, memories, observer }: ReconcilerOptions,
  owner: Owner,
  actions: readonly Action[],
  signal: AbortSignal,
): Promise<Outcome[]> {
  const outcomes = await executePlan({ cluster, owner, memo: memories.memo, signal }, actions);
  observer?.executed?.(outcomes);
  memories.remember(outcomes.flatMap((outcome) => (outcome.kind === "applied" ? outcome.object : [])));
  return outcomes;
}
