/** Specs that the API server must refuse: what is wrong, the spec, and words of the answer: the field, and what can be done. */
const HIGH = "should be less than or equal to";
export const JWT = { jwksUrl: "https://issuer.example/jwks", issuer: "i", audience: "a" };
const LOW = "should be greater than or equal to";

export const REFUSED_SPECS: readonly [string, object, string[]][] = [
  [
    "replicas without a shared backplane",
    { replicas: 2, backplane: { memory: {} } },
    ["spec.replicas", "replace memory by managed"],
  ],
  ["negative replicas", { replicas: -1 }, ["spec.replicas", LOW]],
  ["too many replicas", { replicas: 101 }, ["spec.replicas", HIGH]],
  ["replicas as text", { replicas: "two" }, ["spec.replicas", "expected numeric"]],
  [
    "a nodePort on a ClusterIP service",
    { service: { type: "ClusterIP", nodePort: 30_007 } },
    ["spec.service.nodePort", "remove nodePort, or set type to NodePort"],
  ],
  [
    "a way for clients into a ClusterIP service",
    { service: { type: "ClusterIP", externalTrafficPolicy: "Local" } },
    ["spec.service.externalTrafficPolicy", "remove externalTrafficPolicy"],
  ],
  [
    "a load balancer's class without one",
    { service: { loadBalancerClass: "example.com/nlb" } },
    ["spec.service.loadBalancerClass", "set type to LoadBalancer"],
  ],
  [
    "a load balancer's clients without one",
    { service: { loadBalancerSourceRanges: ["203.0.113.0/24"] } },
    ["spec.service.loadBalancerSourceRanges", "set type to LoadBalancer"],
  ],
  [
    "clients that are no range",
    { service: { type: "LoadBalancer", loadBalancerSourceRanges: ["203.0.113.0/99"] } },
    ["spec.service.loadBalancerSourceRanges", "each entry must be a CIDR"],
  ],
  [
    "the operator's own labels on the pods",
    { pod: { labels: { "app.kubernetes.io/name": "mine" } } },
    ["spec.pod.labels", "use another prefix"],
  ],
  [
    "the operator's own annotations on the pods",
    { pod: { annotations: { "sse-operator.dev/config-hash": "0" } } },
    ["spec.pod.annotations", "use another prefix"],
  ],
  [
    "pods that spread over nothing",
    { pod: { topologySpreadConstraints: [{}] } },
    ["spec.pod.topologySpreadConstraints[0].topologyKey", "Required value"],
  ],
  ["a pause that is neither yes nor no", { paused: "now" }, ["spec.paused", "expected boolean"]],
  [
    "an unknown service type",
    { service: { type: "External" } },
    ["spec.service.type", 'supported values: "NodePort", "ClusterIP", "LoadBalancer"'],
  ],
  ["port 0", { service: { port: 0 } }, ["spec.service.port", LOW]],
  ["a port that does not exist", { service: { nodePort: 70_000 } }, ["spec.service.nodePort", HIGH]],
  [
    "two sources of the certificate",
    { tls: { selfSigned: {}, secretRef: { name: "mine" } } },
    ["spec.tls", "keep one of selfSigned, secretRef and issuerRef"],
  ],
  [
    "a certificate without the name of its Secret",
    { tls: { secretRef: {} } },
    ["spec.tls.secretRef.name", "Required value"],
  ],
  [
    "the Secret that the operator writes, as the user's",
    { tls: { secretRef: { name: "demo-tls" } } },
    ["spec.tls.secretRef.name", "one of another name"],
  ],
  [
    "an issuer of an unknown kind",
    { tls: { issuerRef: { name: "x", kind: "CA" } } },
    ["spec.tls.issuerRef.kind", 'supported values: "Issuer", "ClusterIssuer"'],
  ],
  [
    "a name that is none",
    { tls: { selfSigned: { dnsNames: ["-bad-"] } } },
    ["spec.tls.selfSigned.dnsNames[0]", "should match"],
  ],
  [
    "an address that is none",
    { tls: { selfSigned: { ipAddresses: ["300.1.1.1"] } } },
    ["spec.tls.selfSigned.ipAddresses", "must be an IPv4 or IPv6 address"],
  ],
  [
    "a certificate for ever",
    { tls: { selfSigned: { validityDays: 4_000 } } },
    ["spec.tls.selfSigned.validityDays", HIGH],
  ],
  [
    "two backplanes",
    { backplane: { memory: {}, managed: {} } },
    ["spec.backplane", "keep one of memory, managed and redis"],
  ],
  [
    "a server without its Secret",
    { backplane: { redis: {} } },
    ["spec.backplane.redis.urlSecretRef", "Required value"],
  ],
  [
    "replicas that confirm what Pub/Sub does not keep",
    { backplane: { redis: { urlSecretRef: { name: "mine" }, mode: "PubSub", minReplicas: 1 } } },
    ["spec.backplane.redis.minReplicas", "set mode to Streams"],
  ],
  [
    "a certificate authority from two places",
    {
      backplane: {
        redis: {
          urlSecretRef: { name: "mine" },
          ca: { secretRef: { name: "a" }, configMapRef: { name: "b" } },
        },
      },
    },
    ["spec.backplane.redis.ca", "keep secretRef, or configMapRef"],
  ],
  [
    "a certificate authority from nowhere",
    { access: { jwt: { ...JWT, jwksCa: {} } } },
    ["spec.access.jwt.jwksCa", "exactly one place"],
  ],
  ["a quantity that is none", { history: { maxBytes: "lots" } }, ["spec.history.maxBytes", "should match"]],
  ["too large a history", { history: { maxBytes: "2Gi" } }, ["spec.history.maxBytes", "must be at most 1Gi"]],
  [
    "too large a history as a number",
    { history: { maxBytes: 2_147_483_648 } },
    ["spec.history.maxBytes", "must be at most 1Gi"],
  ],
  [
    "heartbeats rarer than proxies stand",
    { stream: { heartbeatSeconds: 60 } },
    ["spec.stream.heartbeatSeconds", HIGH],
  ],
  [
    "a buffer smaller than an event",
    { limits: { maxBufferedBytesPerSubscriber: 1_024 } },
    ["spec.limits.maxBufferedBytesPerSubscriber", "to at least maxEventBytes"],
  ],
  [
    "an unknown way to publish",
    { access: { publish: "Nobody" } },
    ["spec.access.publish", 'supported values: "Token", "Jwt", "Anyone"'],
  ],
  [
    "publishing by tokens of nobody",
    { access: { publish: "Jwt" } },
    ["spec.access.jwt", "add jwt with issuer, audience and jwksUrl or keysSecretRef"],
  ],
  [
    "subscribing by tokens of nobody",
    { access: { subscribe: "Jwt" } },
    ["spec.access.jwt", "add jwt with issuer"],
  ],
  [
    "keys from two places",
    { access: { jwt: { ...JWT, keysSecretRef: { name: "mine" } } } },
    ["spec.access.jwt", "keep jwksUrl, or keysSecretRef"],
  ],
  [
    "keys from nowhere",
    { access: { jwt: { issuer: "i", audience: "a" } } },
    ["spec.access.jwt", "exactly one place"],
  ],
  [
    "an authority of a URL that is not there",
    {
      access: {
        jwt: {
          issuer: "i",
          audience: "a",
          keysSecretRef: { name: "mine" },
          jwksCa: { secretRef: { name: "a" } },
        },
      },
    },
    ["spec.access.jwt.jwksCa", "remove jwksCa, or add jwksUrl"],
  ],
  [
    "keys over plain HTTP",
    { access: { jwt: { ...JWT, jwksUrl: "http://issuer.example/jwks" } } },
    ["spec.access.jwt.jwksUrl", "should match"],
  ],
  [
    "HMAC with a URL",
    { access: { jwt: { ...JWT, algorithms: ["HS256"] } } },
    ["spec.access.jwt.algorithms", "replace jwksUrl by keysSecretRef"],
  ],
  [
    "tokens without a signature",
    { access: { jwt: { ...JWT, algorithms: ["none"] } } },
    ["spec.access.jwt.algorithms[0]", "Unsupported value"],
  ],
  [
    "tokens for anybody",
    { access: { jwt: { jwksUrl: JWT.jwksUrl, issuer: "i" } } },
    ["spec.access.jwt.audience", "Required value"],
  ],
  [
    "a clock that runs wild",
    { access: { jwt: { ...JWT, clockToleranceSeconds: 301 } } },
    ["spec.access.jwt.clockToleranceSeconds", HIGH],
  ],
  [
    "a wildcard among origins",
    { access: { corsOrigins: ["*", "https://a.example"] } },
    ["spec.access.corsOrigins", "remove the others"],
  ],
  [
    "an origin with a path",
    { access: { corsOrigins: ["https://a.example/"] } },
    ["spec.access.corsOrigins[0]", "should match"],
  ],
  ["a drain without end", { drain: { timeoutSeconds: 3_601 } }, ["spec.drain.timeoutSeconds", HIGH]],
  ["a page that is neither on nor off", { page: true }, ["spec.page", "expected string"]],
  ["an unknown field", { replica: 1 }, ["replica", "field not declared in schema"]],
];
