/** What the command line says of itself. */

export type Word = "run" | "render" | "diff" | "install" | "crd";

export const WORDS: readonly Word[] = ["run", "render", "diff", "install", "crd"];

export const HELP = `Usage: sse-operator COMMAND [OPTION...]

  run       follow the SseServices of the cluster and make it as they ask for
  render    print the objects that an SseService becomes, without a cluster
  diff      say what would change in the cluster, and which pods would be replaced; changes nothing
  install   print the manifests that install the operator, for "kubectl apply"
  crd       print the CustomResourceDefinition alone

"sse-operator COMMAND --help" tells more.`;

const IMAGES = `  --runtime-image IMAGE   \\
  --nginx-image IMAGE      } the defaults that the operator would run with; left out: SSE_RUNTIME_IMAGE and so on of the
  --valkey-image IMAGE    /  environment, or this release's own`;

const OPERATOR_NAMESPACE = `  --operator-namespace N  where the operator runs; left out: POD_NAMESPACE of the environment, or sse-operator`;

export const COMMAND_HELP: Readonly<Record<Word, string>> = {
  run: `Usage: sse-operator run

Follows every SseService and keeps what it becomes. Takes no options; reads the environment:

  SSE_RUNTIME_IMAGE, SSE_NGINX_IMAGE, SSE_VALKEY_IMAGE   the default images (required)
  WATCH_NAMESPACE   serve this namespace alone; left out: the whole cluster
  FOLLOW_NODES      "false": do without the nodes' addresses, and without the right to read them
  POD_NAMESPACE     where the leader's Lease is; left out: sse-operator
  POD_NAME          tells the replicas apart in logs and in the Lease; left out: the host name
  METRICS_PORT      of /healthz and /readyz; left out: 8080
  LOG_LEVEL         trace, debug, info, warn or error; left out: info
  KUBECONFIG        a kubeconfig file; left out: the pod's own service account

Exit status: 0 after SIGTERM or SIGINT, 1 when the lead is lost or the work cannot go on.`,

  render: `Usage: sse-operator render -f FILE [OPTION...]

Prints the objects that the operator would make of each SseService in FILE, as YAML and in the order in which it applies
them. Asks no cluster: what only a cluster knows (the owner's uid; certificates, tokens and passwords, and what is
derived from them) reads "(known to the cluster only)". With the metadata.uid of a resource read from a cluster, the uid
is its own. It is for review and policy checks, not for "kubectl apply": the operator makes these objects by itself.

  -f, --filename FILE     a file of one or more documents, or - for the standard input; may be given again
  -n, --namespace NAME    of resources that name none; left out: default
${IMAGES}
${OPERATOR_NAMESPACE}

Exit status: 0, or 2 when FILE cannot be read or holds an error; the message names file, document and field.`,

  diff: `Usage: sse-operator diff [-f FILE] [OPTION...]

Says what would change in the cluster, and which pods would be replaced:
  with -f      if FILE was applied now
  without it   if this release of the operator, with these images, took over now: ask before an upgrade

Decides as the operator does, and asks the API server for the outcome by dry runs: nothing is ever written. It needs the
rights of the operator for that, and those to update SseServices when a FILE is given. Values of Secrets are not shown.

  -f, --filename FILE     a file of one or more documents, or - for the standard input; may be given again
  -n, --namespace NAME    of resources in FILE that name none (left out: default); without FILE, look at this one alone
  --context NAME          a context of the kubeconfig; left out: the current one
  --kubeconfig FILE       left out: KUBECONFIG, ~/.kube/config or the pod's own service account
  --without-nodes         as an operator that does not follow the nodes (FOLLOW_NODES)
${IMAGES}
${OPERATOR_NAMESPACE}

Exit status: 0 when nothing would change, 1 when something would, 2 when it cannot be told.`,

  install: `Usage: sse-operator install [OPTION...]

Prints everything that the operator needs: the definition of the resource, its account and rights, and its pods.

  -n, --namespace NAME    live in this namespace, which must exist, and serve it alone, without any right elsewhere;
                          left out: serve the whole cluster from the namespace sse-operator
  --follow-nodes          with --namespace: a ClusterRole to read the nodes, whose addresses then are in certificates and URLs
  --without-crd           leave the definition out: it is the cluster's, and may be installed by somebody else ("crd")
  --operator-image IMAGE  left out: this release's own
${IMAGES}

Exit status: 0, or 2 when an option is wrong.`,

  crd: `Usage: sse-operator crd

Prints the CustomResourceDefinition, for "kubectl apply --server-side -f -". Takes no options.`,
};
