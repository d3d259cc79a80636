/** The part of the resource's schema that says where and with what resources the pods run. Pure. */
import { z } from "zod";
import { Quantity } from "./schema-parts.ts";

const ResourceList = z.record(z.string().max(63), Quantity).meta({ maxProperties: 8 });

const Resources = z.strictObject({
  requests: ResourceList.optional().meta({ description: "Guaranteed resources, such as `cpu: 50m`." }),
  limits: ResourceList.optional().meta({ description: "Upper bounds, such as `memory: 256Mi`." }),
});

const Toleration = z.strictObject({
  key: z.string().max(316).exactOptional(),
  operator: z.enum(["Exists", "Equal"]).exactOptional(),
  value: z.string().max(63).exactOptional(),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).exactOptional(),
  tolerationSeconds: z.int().min(0).max(2_147_483_647).exactOptional(),
});

export const Pod = z.strictObject({
  resources: z
    .strictObject({
      runtime: Resources.prefault({
        requests: { cpu: "50m", memory: "96Mi" },
        limits: { memory: "512Mi" },
      }).meta({ description: "Requests and limits of the broker's container." }),
      nginx: Resources.prefault({
        requests: { cpu: "50m", memory: "32Mi" },
        limits: { memory: "512Mi" },
      }).meta({ description: "Requests and limits of the sidecar's container." }),
    })
    .prefault({})
    .meta({ description: "Requests and limits of the two containers." }),
  nodeSelector: z
    .record(z.string().max(316), z.string().max(63))
    .default({})
    .meta({ description: "Labels that a node must have.", maxProperties: 32 }),
  tolerations: z
    .array(Toleration)
    .max(16)
    .default([])
    .meta({ description: "Taints that the pods tolerate.", "x-kubernetes-list-type": "atomic" }),
});

/** Requests and limits of one container. */
export type Resources = z.output<typeof Resources>;
