/** The page's one EventSource: opens it, follows its state, and lets the browser resume by itself. No DOM. */

/**
 * @typedef {"connecting" | "open" | "reconnecting" | "closed"} StreamState
 *
 * @typedef {{ readonly topics: readonly string[], readonly types: readonly string[] }} Subscription
 *
 * @typedef {{ id: string, type: string, data: string }} StreamEvent `id` is the cursor after this event
 *
 * @typedef {object} StreamHandlers
 * @property {(state: StreamState, attempt: number) => void} onState `attempt` counts failures since the stream was last open
 * @property {(hello: { pod: string, again: boolean }) => void} onHello a stream is up; `again` after an interruption
 * @property {(gap: { requested: string, oldest: string, reason: string }) => void} onGap
 * @property {(event: StreamEvent) => void} onEvent
 */

/** Types that the server and the browser speak themselves: no one can publish them. */
const RESERVED_TYPES = ["open", "error", "hello", "gap"];

export class Stream {
  /** @type {StreamHandlers} */
  #handlers;
  /** @type {EventSource | undefined} */
  #source;
  /** @type {readonly string[]} */
  #topics = [];
  /** @type {Set<string>} */
  #types = new Set();
  #cursor = "";
  #attempt = 0;
  #helloSeen = false;

  /** @param {StreamHandlers} handlers */
  constructor(handlers) {
    this.#handlers = handlers;
  }

  /** @returns {Subscription} */
  get subscription() {
    return { topics: this.#topics, types: [...this.#types] };
  }

  /** The last id that was seen; a heartbeat's, which fires nothing, shows with the next event. */
  get cursor() {
    return this.#cursor;
  }

  /**
   * Opens a stream in place of the one there was, from where that one had come to.
   * @param {Subscription} subscription
   */
  open({ topics, types }) {
    this.#source?.close();
    this.#topics = topics;
    this.#types = new Set(types.filter(isData));
    this.#attempt = 0;
    this.#helloSeen = false;
    this.#handlers.onState("connecting", this.#attempt);
    this.#source = this.#connect(new EventSource(streamUrl(topics, this.#cursor)));
  }

  /** Only after "closed": anything else the browser takes up again by itself. */
  reopen() {
    if (this.#source?.readyState === EventSource.CLOSED) this.open(this.subscription);
  }

  /** @param {string} type from now on, events of this type are handed over */
  listenFor(type) {
    if (this.#types.has(type) || !isData(type)) return;
    this.#types.add(type);
    this.#source?.addEventListener(type, this.#onData);
  }

  /** Why the server ended the stream: an EventSource cannot read a refusal, a plain request can. */
  async explainClosure() {
    return await explainRefusal(streamUrl(this.#topics, this.#cursor));
  }

  /** @param {EventSource} source */
  #connect(source) {
    source.addEventListener("hello", this.#onHello);
    source.addEventListener("gap", this.#onGap);
    source.addEventListener("error", this.#onInterruption);
    for (const type of this.#types) source.addEventListener(type, this.#onData);
    return source;
  }

  /** @param {MessageEvent} event */
  #onHello = (event) => {
    const { pod } = parseControl(event.data);
    this.#remember(event);
    this.#attempt = 0;
    this.#handlers.onState("open", this.#attempt);
    this.#handlers.onHello({ pod: pod ?? "unknown", again: this.#helloSeen });
    this.#helloSeen = true;
  };

  /** @param {MessageEvent} event */
  #onGap = (event) => {
    const { requested, oldest, reason } = parseControl(event.data);
    this.#remember(event);
    this.#handlers.onGap({ requested: requested ?? "", oldest: oldest ?? "", reason: reason ?? "" });
  };

  /** @param {MessageEvent} event */
  #onData = (event) => {
    this.#remember(event);
    this.#handlers.onEvent({ id: event.lastEventId, type: event.type, data: String(event.data) });
  };

  #onInterruption = () => {
    this.#attempt += 1;
    const interrupted = this.#helloSeen ? "reconnecting" : "connecting";
    const closed = this.#source?.readyState === EventSource.CLOSED;
    this.#handlers.onState(closed ? "closed" : interrupted, this.#attempt);
  };

  /** @param {MessageEvent} event every event, also one without an id of its own, tells the browser's cursor */
  #remember(event) {
    if (event.lastEventId !== "") this.#cursor = event.lastEventId;
  }
}

/** @param {string} type */
function isData(type) {
  return type !== "" && !RESERVED_TYPES.includes(type);
}

/**
 * @param {readonly string[]} topics
 * @param {string} cursor
 */
function streamUrl(topics, cursor) {
  const query = new URLSearchParams(topics.map((topic) => ["topic", topic]));
  query.set("hello", "1");
  if (cursor !== "") query.set("lastEventId", cursor);
  return `status?${query}`;
}

/**
 * @param {string} data
 * @returns {{ [field: string]: string | undefined }} the text fields of a control event
 */
function parseControl(data) {
  try {
    const fields = Object.entries(JSON.parse(data)).filter(([, value]) => typeof value === "string");
    return Object.fromEntries(fields);
  } catch {
    return { reason: data };
  }
}

/** @param {string} url */
async function explainRefusal(url) {
  const leave = new AbortController();
  try {
    const response = await fetch(url, { headers: { Accept: "text/event-stream" }, signal: leave.signal });
    if (response.status === 204) return "It answered 204: there is nothing more to come.";
    if (response.ok) return "It would answer now.";
    const problem = await response.json().catch(() => undefined);
    return `It answered ${response.status}: ${problem?.error?.message ?? response.statusText}`;
  } catch {
    return "It cannot be reached now.";
  } finally {
    leave.abort();
  }
}
