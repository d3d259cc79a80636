/**
 * Makes the cluster as one SseService asks for, in six steps: read, parse, build, plan, execute, report.
 * The file to open first. What decides is pure; only `cluster` acts.
 */
import { describeCertificate, type Origin, renewMaterial } from "#operator/certificates/material.ts";
import type { AppliedMemo } from "#operator/engine/applied-memo.ts";
import type { Cluster } from "#operator/engine/cluster.ts";
import type { Reconcile } from "#operator/engine/controller.ts";
import { executePlan } from "#operator/engine/execute.ts";
import type { OwnWrites } from "#operator/engine/own-writes.ts";
import { planChildren } from "#operator/engine/plan.ts";
import { findKind } from "#operator/kinds.ts";
import type { OwnSecrets } from "#operator/own-secrets.ts";
import { readOrigin } from "#operator/read-origin.ts";
import { findMissingReferences } from "#operator/read-references.ts";
import { readSurroundings } from "#operator/read.ts";
import type { ReconcileObserver } from "#operator/reconcile-observer.ts";
import { report } from "#operator/report.ts";
import { buildChildren } from "#operator/sseservice/build.ts";
import { deploymentName } from "#operator/sseservice/names.ts";
import { certificateNames } from "#operator/sseservice/observation.ts";
import { parseSseService } from "#operator/sseservice/parse.ts";
import { foreignSecrets } from "#operator/sseservice/references.ts";
import type { ServiceStats } from "#operator/sseservice/conditions/observation.ts";
import type { Installation } from "#operator/sseservice/installation.ts";
import type { SecretMaterial } from "#operator/sseservice/resources/secrets.ts";
import type { Verifier } from "#operator/verification/verifier.ts";
import type { Watches } from "#operator/watches.ts";

export interface ReconcilerOptions {
  readonly cluster: Cluster;
  readonly secrets: OwnSecrets;
  readonly watches: Pick<
    Watches,
    "service" | "children" | "nodes" | "pods" | "backplanePods" | "followSecrets"
  >;
  readonly memo: AppliedMemo;
  readonly writes: OwnWrites;
  readonly installation: Installation;
  /** What the pods of a service said last, or undefined while none was asked. */
  readonly stats: (key: string) => ServiceStats | undefined;
  /** Opens each service beside the reconciles, as they tell it to. */
  readonly verifier: Pick<Verifier, "expect" | "verdict">;
  readonly now: () => Date;
  readonly observer?: ReconcileObserver;
}

/** One run for one key (`namespace/name`). Rejects with ClusterError when a read or the status write fails. */
export function createReconciler(options: ReconcilerOptions): Reconcile {
  const { cluster, watches, secrets, memo, writes, installation, now, observer } = options;

  return async function reconcile(key, { signal, isThrottled }) {
    const seen = await readSurroundings(options, key, signal);
    if (!seen) {
      options.verifier.expect(key, undefined);
      return { kind: "done" };
    }

    const parsed = parseSseService(seen.resource);
    if ("issues" in parsed) return report(options, seen, { issues: parsed.issues }, signal);

    const { service } = parsed;
    // Before they are read: a change in between is then seen in one way or the other.
    watches.followSecrets(key, foreignSecrets(service));
    const missingReferences = await findMissingReferences(cluster, service, signal);
    const origin = await readOrigin(cluster, service, seen.children, signal);
    const names = certificateNames(service, seen.nodes, seen.kubernetesService);
    const { material, problem } = await renewMaterial(service, seen.material, { names, origin }, now());
    const hasPods = findKind("Deployment", deploymentName(service.name), seen.children) !== undefined;
    const desired = buildChildren(service, { material, names, installation, hasPods });
    const actions = planChildren({ owner: seen.owner, desired, observed: seen.children, memo });
    if (service.spec.paused) {
      const certificate = { ...describe(seen.material, origin), problem };
      const result = { service, certificate, missingReferences, outcomes: [], waiting: actions, isThrottled };
      return report(options, seen, result, signal);
    }
    const outcomes = await executePlan({ cluster, owner: seen.owner, memo, signal }, actions);
    observer?.executed?.(outcomes);
    const applied = outcomes.flatMap((outcome) => (outcome.kind === "applied" ? outcome.object : []));
    secrets.remember(applied);
    for (const object of applied) writes.remember(object);
    const certificate = { ...describe(material, origin), problem };
    const result = { service, certificate, missingReferences, outcomes, waiting: [], isThrottled };
    return report(options, seen, result, signal);
  };
}

function describe(material: SecretMaterial, origin: Origin) {
  return { material: material.certificate, served: describeCertificate(material, origin) };
}
