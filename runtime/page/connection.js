/** Shows how this tab is connected: state, pod, protocol, and a spark for each thing that travels. */
import { clockTime, find } from "./dom.js";

/** @type {{ [state in import("./stream.js").StreamState]: string }} */
const WORDS = {
  connecting: "Connecting",
  open: "Open",
  reconnecting: "Reconnecting",
  closed: "Closed for good",
};

const TITLE = document.title;

/** @param {string} client */
export function createConnectionView(client) {
  const detail = find("state-detail", HTMLElement);
  const spark = find("spark", HTMLElement);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  find("client", HTMLElement).textContent = client;

  return {
    /**
     * @param {import("./stream.js").StreamState} state
     * @param {number} attempt
     */
    showState(state, attempt) {
      document.documentElement.dataset.state = state;
      document.title = state === "open" ? TITLE : `${WORDS[state]} · ${TITLE}`;
      find("state", HTMLElement).textContent = WORDS[state];
      find("closed", HTMLElement).hidden = state !== "closed";
      detail.textContent = describe(state, attempt);
    },

    /** @param {string} pod */
    showPod(pod) {
      find("pod", HTMLElement).textContent = pod;
    },

    /** @param {string} fingerprint of the certificate that the stream's connection began with; empty when unknown */
    showCertificate(fingerprint) {
      find("certificate", HTMLElement).hidden = fingerprint === "";
      find("fingerprint", HTMLElement).textContent = fingerprint;
    },

    /** @param {string} id */
    showCursor(id) {
      find("last-id", HTMLElement).textContent = id;
    },

    /** @param {string} reason */
    showClosure(reason) {
      find("closed-reason", HTMLElement).textContent = reason;
    },

    /** @param {string} protocol */
    showProtocol(protocol) {
      find("protocol", HTMLElement).textContent = protocol;
      find("http1", HTMLElement).hidden = !protocol.startsWith("http/1");
    },

    /** @param {readonly string[]} topics */
    showTopics(topics) {
      find("topics-now", HTMLElement).textContent = `subscribed to ${topics.join(", ")}`;
    },

    /** @param {"in" | "out"} direction one spark at a time, however many events arrive */
    travel(direction) {
      if (calm.matches || document.hidden || spark.getAnimations().length > 0) return;
      const path = [
        { transform: "translateX(0)", opacity: 1 },
        { transform: "translateX(100%)", opacity: 1 },
      ];
      spark.animate(direction === "out" ? path : path.reverse(), { duration: 420, easing: "ease-in-out" });
    },
  };
}

/**
 * @param {import("./stream.js").StreamState} state
 * @param {number} attempt
 */
function describe(state, attempt) {
  switch (state) {
    case "open":
      return `since ${clockTime(Date.now())}`;
    case "closed":
      return `since ${clockTime(Date.now())}`;
    case "connecting":
    case "reconnecting":
      return attempt === 0
        ? "waiting for the first answer"
        : `attempt ${attempt}, made by the browser itself`;
  }
}
