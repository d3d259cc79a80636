/** What a service, as just reconciled, should be seen to be when it is opened. Pure. */
import type { V1Deployment, V1Service } from "@kubernetes/client-node";
import { inspectCertificate } from "#operator/certificates/inspect.ts";
import type { Observation } from "#operator/sseservice/conditions/observation.ts";
import { rolloutOf } from "#operator/sseservice/conditions/rollout.ts";
import type { ServedCertificate } from "#operator/sseservice/resources/secrets.ts";
import type { Expectation } from "./verifier.ts";

/** Undefined when there is nothing to open: no address, no certificate, or no pod that serves. */
export function buildExpectation(
  observation: Omit<Observation, "http2">,
  certificate: ServedCertificate | undefined,
): Expectation | undefined {
  const { deployment, kubernetesService, previous, generation } = observation;
  const { clusterIP, ports = [] } = kubernetesService?.spec ?? {};
  const [port] = ports;
  if (!deployment?.status?.availableReplicas || !kubernetesService || !clusterIP || !port) return undefined;
  const facts = certificate && inspectCertificate(certificate.pair.certificate);
  if (!facts) return undefined;
  const { pair, authorities } = certificate;
  const { name = "", namespace = "" } = kubernetesService.metadata ?? {};
  const before = previous?.conditions?.find(({ type }) => type === "Http2Verified");
  const wasVerified = before?.status === "True" && before.observedGeneration === generation;
  return {
    revision: revisionOf(deployment, kubernetesService),
    isSettled: rolloutOf(observation)?.isDone ?? false,
    target: {
      address: clusterIP,
      port: port.port,
      serverName: `${name}.${namespace}.svc`,
      trusted: [pair.certificate, ...(authorities === undefined ? [] : [authorities])],
    },
    fingerprint: facts.fingerprint,
    wasVerified,
  };
}

/** Another one as soon as other pods serve, or at another address. */
function revisionOf({ metadata }: V1Deployment, { spec }: V1Service): string {
  return JSON.stringify([metadata?.uid, metadata?.generation, spec?.clusterIP, spec?.ports?.[0]?.port]);
}
