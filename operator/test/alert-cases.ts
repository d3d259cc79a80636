/** For each alert what makes it fire, and what is nearly as bad, over the same 90 minutes. For tests only. */

/** Series -> its samples, one a minute from minute 0 on, as promtool writes them: `1x2` is 1 1 1, `0+5x2` is 0 5 10. */
type Samples = Readonly<Record<string, string>>;

export interface AlertCase {
  readonly alert: string;
  readonly bad: Samples;
  /** The first minute in which somebody is told. */
  readonly firesAt: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
  /** Nobody is ever told of it. */
  readonly bearable: Samples;
}

const LEADS = `leader_election_master_status{name="sse-operator"`;
const ERRORS = `controller_runtime_reconcile_errors_total{controller="sseservice",pod="a"}`;
const SILENCE = `sse_operator_watch_silence_seconds{kind="Pod",pod="a"}`;
const READY = `sse_operator_condition{namespace="n",name="s",type="Ready"`;
const STALLED = `sse_operator_condition{namespace="n",name="s",type="Stalled",status="True",reason="Taken"}`;
const CERTIFICATE = `{namespace="n",name="s"}`;
const POD = `namespace="n",sseservice="s",pod="s-1"`;

export const ALERT_CASES: readonly AlertCase[] = [
  {
    alert: "SseOperatorDown",
    bad: { [`${LEADS},pod="a"}`]: "1x3 0x100", [`${LEADS},pod="b"}`]: "0x100" },
    firesAt: 9,
    labels: {},
    summary: "No replica of the SSE operator leads",
    bearable: { [`${LEADS},pod="a"}`]: "1x3 0x100", [`${LEADS},pod="b"}`]: "0x7 1x100" },
  },
  {
    alert: "SseOperatorReconcileErrors",
    bad: { [ERRORS]: "0+1x100" },
    firesAt: 21,
    labels: { controller: "sseservice" },
    summary: "The SSE operator keeps failing: 15 errors in 15 minutes",
    bearable: { [ERRORS]: "0x10 1+1x4 5x100" },
  },
  {
    alert: "SseOperatorWatchSilent",
    bad: { [SILENCE]: "0+60x100" },
    firesAt: 11,
    labels: { kind: "Pod", pod: "a" },
    summary: "The SSE operator has heard nothing about Pod for 11m 0s",
    bearable: { [SILENCE]: "0+60x9 ".repeat(10) },
  },
  {
    alert: "SseServiceNotReady",
    bad: {
      [`${READY},status="True",reason="Ready"}`]: "1x2 stale",
      [`${READY},status="False",reason="A"}`]: "_x3 1x5 stale",
      [`${READY},status="Unknown",reason="B"}`]: "_x9 1x100",
    },
    firesAt: 18,
    labels: { namespace: "n", name: "s" },
    summary: "SseService n/s is not Ready",
    bearable: {
      [`${READY},status="True",reason="Ready"}`]: "1x2 stale _x9 1x100",
      [`${READY},status="False",reason="A"}`]: "_x3 1x9 stale",
    },
  },
  {
    alert: "SseServiceStalled",
    bad: { [STALLED]: "1x100" },
    firesAt: 5,
    labels: { namespace: "n", name: "s", reason: "Taken" },
    summary: "SseService n/s needs somebody: Taken",
    bearable: { [STALLED]: "1x4 stale" },
  },
  {
    alert: "SseCertificateExpiresSoon",
    bad: {
      [`sse_operator_certificate_expiration_timestamp_seconds${CERTIFICATE}`]: "605400x100",
      [`sse_operator_certificate_renewal_timestamp_seconds${CERTIFICATE}`]: "60x100",
    },
    firesAt: 71,
    labels: { namespace: "n", name: "s" },
    summary: "The certificate of SseService n/s expires in 6d 22h 59m 0s",
    bearable: {
      [`sse_operator_certificate_expiration_timestamp_seconds${CERTIFICATE}`]: "86400x100",
      [`sse_operator_certificate_renewal_timestamp_seconds${CERTIFICATE}`]: "57600x100",
    },
  },
  {
    alert: "SseBackplaneDown",
    bad: { [`sse_backplane_up{${POD}}`]: "1x1 0x100" },
    firesAt: 4,
    labels: { namespace: "n", sseservice: "s", pod: "s-1" },
    summary: "Pod n/s-1 cannot reach its backplane",
    bearable: { [`sse_backplane_up{${POD}}`]: "1 0 0 1 0 0 1x100" },
  },
  {
    alert: "SseBackplaneLagging",
    bad: { [`sse_backplane_lag_seconds{${POD}}`]: "0x2 6x100" },
    firesAt: 8,
    labels: { namespace: "n", sseservice: "s", pod: "s-1" },
    summary: "Pod n/s-1 reads its backplane late",
    bearable: {
      [`sse_backplane_lag_seconds{${POD}}`]: "0 6x4 0x100",
      [`sse_backplane_unread_events{${POD}}`]: "0 9x3 0 9x3 0 9x3 0x100",
    },
  },
  {
    alert: "SseBackplaneDataLost",
    bad: { [`sse_gaps_total{${POD},reason="epoch"}`]: "0x5 8x100" },
    firesAt: 6,
    labels: { namespace: "n", sseservice: "s" },
    summary: "Subscribers of SseService n/s were told of a gap: its log has lost events",
    bearable: { [`sse_gaps_total{${POD},reason="trimmed"}`]: "0x5 8x100" },
  },
  {
    alert: "SseSubscribersCutAsSlow",
    bad: {
      [`sse_streams_ended_total{${POD},reason="slow_subscriber"}`]: "0+1x100",
      [`sse_subscribers{${POD}}`]: "100x100",
    },
    firesAt: 16,
    labels: { namespace: "n", sseservice: "s" },
    summary: "SseService n/s cuts subscribers that do not keep up",
    bearable: {
      [`sse_streams_ended_total{${POD},reason="slow_subscriber"}`]: "0+1x100",
      [`sse_subscribers{${POD}}`]: "2000x100",
    },
  },
  {
    alert: "SseStreamsRefused",
    bad: { [`sse_streams_refused_total{${POD},reason="connection_limit"}`]: "0x2 1+1x100" },
    firesAt: 8,
    labels: { namespace: "n", sseservice: "s" },
    summary: "SseService n/s has as many streams as it may",
    bearable: { [`sse_streams_refused_total{${POD},reason="not_ready"}`]: "0x2 1+1x100" },
  },
  {
    alert: "SseEventLoopDelayed",
    bad: {
      [`nodejs_eventloop_lag_p99_seconds{${POD}}`]: "0.1x2 0.3x100",
      [`sse_subscribers{${POD}}`]: "0x100",
    },
    firesAt: 8,
    labels: { namespace: "n", sseservice: "s", pod: "s-1" },
    summary: "The event loop of pod n/s-1 is late by 300ms",
    bearable: { [`nodejs_eventloop_lag_p99_seconds{namespace="n",pod="another-program-1"}`]: "0.3x100" },
  },
];
