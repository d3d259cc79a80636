/** Publishes one message: tries again while the server is away, and with another token when it refuses one. No DOM. */

/** Waits between tries: as long as a restart takes. */
const RETRY_DELAYS_MS = [500, 1_000, 2_000, 4_000];

/** With HTTP/1.1 and six open streams a request waits behind them, without end and without an error. */
const TIMEOUT_MS = 20_000;

/**
 * @typedef {{ topic: string, type: string, data: string }} Message
 *
 * @typedef {object} Outcome `unknown`: no answer came; the message may have been stored or not
 * @property {"stored" | "refused" | "unknown"} kind
 * @property {string} text the id, or what went wrong
 */

/** @param {import("./token-store.js").TokenStore} token */
export function createPublisher(token) {
  return {
    /**
     * @param {Message} message
     * @returns {Promise<Outcome>}
     */
    async publish(message) {
      const key = createIdempotencyKey();
      for (;;) {
        const used = token.value;
        const answer = await postUntilAnswered({ ...message, key, token: used });
        if (answer.status !== 401) return answer.outcome;
        if (!(await token.replace(used, answer.outcome.text))) return answer.outcome;
      }
    },
  };
}

/** With the same key a message is stored once, however often it is sent. */
function createIdempotencyKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @typedef {Message & { key: string, token: string }} SignedMessage
 *
 * @typedef {{ status: number, outcome: Outcome }} Answer status 0: none came
 */

/**
 * @param {SignedMessage} message
 * @returns {Promise<Answer>}
 */
async function postUntilAnswered(message) {
  for (const delayMs of RETRY_DELAYS_MS) {
    const answer = await post(message);
    if (answer.status !== 0 && answer.status < 502) return answer;
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
  return await post(message);
}

/**
 * @param {SignedMessage} message
 * @returns {Promise<Answer>}
 */
async function post({ topic, type, data, key, token }) {
  const authorization = token === "" ? {} : { Authorization: `Bearer ${token}` };
  try {
    const response = await fetch(`submit?${new URLSearchParams({ topic, event: type })}`, {
      method: "POST",
      headers: { "Idempotency-Key": key, ...authorization },
      body: data,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, outcome: await readOutcome(response) };
  } catch (error) {
    const timedOut = error instanceof DOMException && error.name === "TimeoutError";
    const text = timedOut ? `no answer in ${TIMEOUT_MS / 1000} s` : "the server cannot be reached";
    return { status: 0, outcome: { kind: "unknown", text } };
  }
}

/**
 * @param {Response} response
 * @returns {Promise<Outcome>}
 */
async function readOutcome(response) {
  const body = await response.json().catch(() => undefined);
  if (response.ok && typeof body?.id === "string") return { kind: "stored", text: body.id };
  const kind = response.status >= 500 ? "unknown" : "refused";
  return { kind, text: body?.error?.message ?? `the server answered ${response.status}` };
}
