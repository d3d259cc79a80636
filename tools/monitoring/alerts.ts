/** What somebody should be told of, and what they can do about it: the source of the PrometheusRule and of its document. */

export interface Alert {
  readonly name: string;
  readonly severity: "critical" | "warning";
  readonly expression: string;
  /** How long it must be so. */
  readonly lasting: string;
  /** With Prometheus' templates for labels and value. */
  readonly summary: string;
  readonly action: string;
}

const SERVICE = "{{ $labels.namespace }}/{{ $labels.name }}";
const POD = "{{ $labels.namespace }}/{{ $labels.pod }}";
const STREAMS = "{{ $labels.namespace }}/{{ $labels.sseservice }}";

export const OPERATOR_ALERTS: readonly Alert[] = [
  {
    name: "SseOperatorDown",
    severity: "critical",
    expression: `absent(leader_election_master_status{name="sse-operator"} == 1)`,
    lasting: "5m",
    summary: "No replica of the SSE operator leads",
    action:
      "Look at the pods of the operator and their logs. Streams go on; nothing is created, healed or renewed meanwhile.",
  },
  {
    name: "SseOperatorReconcileErrors",
    severity: "warning",
    expression: `sum by (controller) (increase(controller_runtime_reconcile_errors_total{controller="sseservice"}[15m])) > 5`,
    lasting: "15m",
    summary: "The SSE operator keeps failing: {{ $value | humanize }} errors in 15 minutes",
    action:
      "The operator's log names each service and error; `sse_operator_write_failures_total` tells the kinds.",
  },
  {
    name: "SseOperatorWatchSilent",
    severity: "warning",
    expression: "max by (pod, kind) (sse_operator_watch_silence_seconds) > 300",
    lasting: "5m",
    summary:
      "The SSE operator has heard nothing about {{ $labels.kind }} for {{ $value | humanizeDuration }}",
    action: "Check that the API server can be reached from the operator's pod, and that its RBAC is whole.",
  },
  {
    name: "SseServiceNotReady",
    severity: "warning",
    expression: `max by (namespace, name) (sse_operator_condition{type="Ready", status!="True"}) == 1`,
    lasting: "15m",
    summary: `SseService ${SERVICE} is not Ready`,
    action: "`kubectl describe sse` tells the reason and the next step in its conditions.",
  },
  {
    name: "SseServiceStalled",
    severity: "warning",
    expression: `max by (namespace, name, reason) (sse_operator_condition{type="Stalled", status="True"}) == 1`,
    lasting: "5m",
    summary: `SseService ${SERVICE} needs somebody: {{ $labels.reason }}`,
    action: "The message of its `Stalled` condition says what to change.",
  },
  {
    name: "SseCertificateExpiresSoon",
    severity: "critical",
    expression:
      "sse_operator_certificate_expiration_timestamp_seconds - time() < 604800" +
      " unless on (namespace, name) sse_operator_certificate_renewal_timestamp_seconds - time() > 0",
    lasting: "1h",
    summary: `The certificate of SseService ${SERVICE} expires in {{ $value | humanizeDuration }}`,
    action:
      "It should have been renewed by now: see the `CertificateReady` condition, and who issues the certificate.",
  },
];

export const SERVICE_ALERTS: readonly Alert[] = [
  {
    name: "SseBackplaneDown",
    severity: "critical",
    expression: "sse_backplane_up == 0",
    lasting: "2m",
    summary: `Pod ${POD} cannot reach its backplane`,
    action:
      "Publishing answers 503; streams stay open and catch up later. See the `BackplaneReady` condition and the backplane's server.",
  },
  {
    name: "SseBackplaneLagging",
    severity: "warning",
    expression: "sse_backplane_lag_seconds > 5 or min_over_time(sse_backplane_unread_events[5m]) > 0",
    lasting: "5m",
    summary: `Pod ${POD} reads its backplane late`,
    action:
      "Look at the load of the backplane's server, the network between, and the pod's event-loop delay.",
  },
  {
    name: "SseBackplaneDataLost",
    severity: "warning",
    expression: `sum by (namespace, sseservice) (increase(sse_gaps_total{reason=~"epoch|ahead|diverged"}[10m])) > 0`,
    lasting: "0m",
    summary: `Subscribers of SseService ${STREAMS} were told of a gap: its log has lost events`,
    action:
      "With the memory backplane every restart does that. Otherwise the backplane's server has lost data: see its log, its durability and its failover.",
  },
  {
    name: "SseSubscribersCutAsSlow",
    severity: "warning",
    expression:
      `sum by (namespace, sseservice) (increase(sse_streams_ended_total{reason="slow_subscriber"}[10m]))` +
      " > clamp_min(0.01 * sum by (namespace, sseservice) (sse_subscribers), 5)",
    lasting: "10m",
    summary: `SseService ${STREAMS} cuts subscribers that do not keep up`,
    action:
      "More is published to their topics than their connections carry: publish less or split topics, or raise `limits.maxBufferedBytesPerSubscriber`.",
  },
  {
    name: "SseStreamsRefused",
    severity: "warning",
    expression: `sum by (namespace, sseservice) (rate(sse_streams_refused_total{reason="connection_limit"}[5m])) > 0`,
    lasting: "5m",
    summary: `SseService ${STREAMS} has as many streams as it may`,
    action: "Raise `replicas` or `limits.maxConnections`.",
  },
  {
    name: "SseEventLoopDelayed",
    severity: "warning",
    expression: "(nodejs_eventloop_lag_p99_seconds and on (namespace, pod) sse_subscribers) > 0.25",
    lasting: "5m",
    summary: `The event loop of pod ${POD} is late by {{ $value | humanizeDuration }}`,
    action:
      "The pod has more work than one core does: raise `replicas`, or its CPU limit if it is throttled.",
  },
];
