/** The part of the resource's schema that says how the service is reached. Pure. */
import { z } from "zod";
import { integer, rule } from "./schema-parts.ts";

const CIDR = /^[0-9a-fA-F:.]+\/[0-9]{1,3}$/;

const onlyFor = (field: string, type: string, advice: string) =>
  rule(`!has(self.${field}) || self.type == '${type}'`, advice, `.${field}`);

export const Service = z
  .strictObject({
    type: z.enum(["NodePort", "ClusterIP", "LoadBalancer"]).default("NodePort").meta({
      description:
        "How the service is reached from outside the cluster: by a port on every node, not at all, or by the cloud's load balancer.",
    }),
    port: integer(1, 65_535, "The service's HTTPS port inside the cluster, and a load balancer's.").default(
      443,
    ),
    nodePort: integer(
      1,
      65_535,
      "The port on every node, such as `30007`; the cluster's range is usually 30000-32767. Chosen once by the cluster, and then stable, when left out.",
    ).optional(),
    annotations: z.record(z.string().max(316), z.string().max(4_096)).default({}).meta({
      description:
        "Annotations of the Service, with which a cloud's load balancer is set up, such as `service.beta.kubernetes.io/aws-load-balancer-scheme: internal`.",
      maxProperties: 32,
    }),
    loadBalancerClass: z.string().min(1).max(253).exactOptional().meta({
      description:
        "Which load balancer serves it, such as `service.k8s.aws/nlb`; the cluster's default when left out.",
    }),
    loadBalancerSourceRanges: z
      .array(z.string().max(64).regex(CIDR))
      .max(64)
      .exactOptional()
      .meta({
        description:
          "Clients that a load balancer lets in, such as `203.0.113.0/24`; everybody when left out.",
        "x-kubernetes-list-type": "set",
        "x-kubernetes-validations": [rule("self.all(range, isCIDR(range))", "each entry must be a CIDR")],
      }),
    externalTrafficPolicy: z.enum(["Cluster", "Local"]).exactOptional().meta({
      description:
        "`Local` keeps the clients' addresses, and serves only on nodes that have a pod; `Cluster`, what Kubernetes does when it is left out, serves on all nodes.",
    }),
  })
  .meta({
    description: "The Kubernetes Service in front of the pods.",
    "x-kubernetes-validations": [
      rule(
        "self.type != 'ClusterIP' || !has(self.nodePort)",
        "a ClusterIP service has no node port: remove nodePort, or set type to NodePort or LoadBalancer",
        ".nodePort",
      ),
      rule(
        "self.type != 'ClusterIP' || !has(self.externalTrafficPolicy)",
        "nothing reaches a ClusterIP service from outside: remove externalTrafficPolicy, or set type to NodePort or LoadBalancer",
        ".externalTrafficPolicy",
      ),
      onlyFor(
        "loadBalancerClass",
        "LoadBalancer",
        "only a load balancer has a class: remove loadBalancerClass, or set type to LoadBalancer",
      ),
      onlyFor(
        "loadBalancerSourceRanges",
        "LoadBalancer",
        "only a load balancer lets some clients in: remove loadBalancerSourceRanges, or set type to LoadBalancer",
      ),
    ],
  });
