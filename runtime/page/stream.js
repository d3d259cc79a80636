/** The page's one EventSource: opens it, follows its state, and lets the browser resume by itself. No DOM. */

/**
 * @typedef {"connecting" | "open" | "reconnecting" | "closed"} StreamState
 *
 * @typedef {{ readonly topics: readonly string[], readonly types: readonly string[] }} Subscription
 *
 * @typedef {{ id: string, type: string, data: string }} StreamEvent `id` is the cursor after this event
 *
 * @typedef {object} Closure why a stream was closed for good
 * @property {string} text
 * @property {{ readonly token: string, readonly reason: string } | undefined} refused another token, or one at all, may
 *   open it
 *
 * @typedef {object} StreamHandlers
 * @property {(state: StreamState, attempt: number) => void} onState `attempt` counts failures since the stream was last open
 * @property {(hello: { pod: string, certificate: string, again: boolean }) => void} onHello a stream is up; `again` after an interruption; `certificate` may be unknown, and empty then
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
  /** What the open stream was asked for with. */
  #token = "";
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
   * @param {string} token empty: none
   */
  open({ topics, types }, token) {
    this.#source?.close();
    this.#topics = topics;
    this.#types = new Set(types.filter(isData));
    this.#token = token;
    this.#attempt = 0;
    this.#helloSeen = false;
    this.#handlers.onState("connecting", this.#attempt);
    this.#source = this.#connect(new EventSource(withToken(streamUrl(topics, this.#cursor), token)));
  }

  /**
   * Only after "closed": anything else the browser takes up again by itself.
   * @param {string} token
   */
  reopen(token) {
    if (this.#source?.readyState === EventSource.CLOSED) this.open(this.subscription, token);
  }

  /** @param {string} type from now on, events of this type are handed over */
  listenFor(type) {
    if (this.#types.has(type) || !isData(type)) return;
    this.#types.add(type);
    this.#source?.addEventListener(type, this.#onData);
  }

  /**
   * Why the server ended the stream: an EventSource cannot read a refusal, a plain request can.
   * @returns {Promise<Closure>}
   */
  async explainClosure() {
    return await explainRefusal(streamUrl(this.#topics, this.#cursor), this.#token);
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
    const { pod = "unknown", certificate = "" } = parseControl(event.data);
    this.#remember(event);
    this.#attempt = 0;
    this.#handlers.onState("open", this.#attempt);
    this.#handlers.onHello({ pod, certificate, again: this.#helloSeen });
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
 * An EventSource can send no header; nothing of ours keeps or logs its address.
 * @param {string} url
 * @param {string} token
 */
function withToken(url, token) {
  return token === "" ? url : `${url}&${new URLSearchParams({ access_token: token })}`;
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

/**
 * @param {string} url
 * @param {string} token
 * @returns {Promise<Closure>}
 */
async function explainRefusal(url, token) {
  const leave = new AbortController();
  const authorization = token === "" ? {} : { Authorization: `Bearer ${token}` };
  try {
    const headers = { Accept: "text/event-stream", ...authorization };
    const response = await fetch(url, { headers, signal: leave.signal });
    if (response.status === 204) return because("It answered 204: there is nothing more to come.");
    if (response.ok) return because("It would answer now.");
    const problem = await response.json().catch(() => undefined);
    const reason = String(problem?.error?.message ?? response.statusText);
    const text = `It answered ${response.status}: ${reason}`;
    return { text, refused: response.status === 401 ? { token, reason } : undefined };
  } catch {
    return because("It cannot be reached now.");
  } finally {
    leave.abort();
  }
}

/**
 * @param {string} text
 * @returns {Closure}
 */
function because(text) {
  return { text, refused: undefined };
}
