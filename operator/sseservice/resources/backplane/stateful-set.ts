/** The managed server: one Valkey with an append-only file, on a claim when the spec asks for one. Pure. */
import { createHash } from "node:crypto";
import type { V1PersistentVolumeClaim, V1StatefulSet, V1Volume } from "@kubernetes/client-node";
import type { Storage } from "../../backplane.ts";
import { backplaneSelectorLabels, CONFIG_HASH_ANNOTATION, MANAGED_BY } from "../../labels.ts";
import { backplaneName, serviceAccountName } from "../../names.ts";
import type { SseService } from "../../spec.ts";
import { type Child, childMetadata } from "../metadata.ts";
import { buildPlacement } from "../placement.ts";
import { RESTRICTED } from "../security.ts";
import { SERVER_CONF_KEY } from "./secret.ts";
import {
  buildServerConf,
  DATA_DIRECTORY,
  SERVER_CONFIG_DIRECTORY,
  SERVER_PORT,
  SERVER_USER_ID,
  serverMemoryLimit,
} from "./server.ts";

export function buildBackplaneStatefulSet(
  service: SseService,
  storage: Storage | undefined,
  password: string,
  image: string,
): Child<V1StatefulSet> {
  const name = backplaneName(service.name);
  const labels = backplaneSelectorLabels(service.name);
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: childMetadata(service, name),
    spec: {
      replicas: 1,
      serviceName: name,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Retain" },
      selector: { matchLabels: labels },
      template: {
        metadata: {
          labels: { ...labels, ...MANAGED_BY },
          annotations: { [CONFIG_HASH_ANNOTATION]: hash(buildServerConf(service, password)) },
        },
        spec: {
          serviceAccountName: serviceAccountName(service.name),
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 30,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: SERVER_USER_ID,
            runAsGroup: SERVER_USER_ID,
            fsGroup: SERVER_USER_ID,
            seccompProfile: { type: "RuntimeDefault" },
          },
          ...buildPlacement(service.spec.pod),
          containers: [
            {
              name: "valkey",
              image,
              command: ["valkey-server", `${SERVER_CONFIG_DIRECTORY}/${SERVER_CONF_KEY}`],
              ports: [{ name: "redis", containerPort: SERVER_PORT, protocol: "TCP" }],
              resources: {
                requests: { cpu: "50m", memory: "64Mi" },
                limits: { memory: serverMemoryLimit(service) },
              },
              securityContext: RESTRICTED,
              terminationMessagePolicy: "FallbackToLogsOnError",
              readinessProbe: { tcpSocket: { port: "redis" }, periodSeconds: 2 },
              volumeMounts: [
                { name: "data", mountPath: DATA_DIRECTORY },
                { name: "config", mountPath: SERVER_CONFIG_DIRECTORY, readOnly: true },
              ],
            },
          ],
          volumes: [
            {
              name: "config",
              secret: { secretName: name, items: [{ key: SERVER_CONF_KEY, path: SERVER_CONF_KEY }] },
            },
            ...(storage ? [] : [EPHEMERAL_DATA]),
          ],
        },
      },
      ...(storage && { volumeClaimTemplates: [buildClaim(storage)] }),
    },
  };
}

const EPHEMERAL_DATA: V1Volume = { name: "data", emptyDir: {} };

function buildClaim({ className, size }: Storage): V1PersistentVolumeClaim {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "data" },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: size } },
      ...(className !== undefined && { storageClassName: className }),
    },
  };
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
