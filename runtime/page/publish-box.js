/** The box that publishes any text as an event of any type. */
import { find } from "./dom.js";

/**
 * @param {ReturnType<typeof import("./publish.js").createPublisher>} publisher
 * @param {(message: import("./publish.js").Message) => void} onSend before the message leaves
 */
export function createPublishBox(publisher, onSend) {
  const form = find("publish-form", HTMLFormElement);
  const data = find("publish-data", HTMLTextAreaElement);

  async function send() {
    const message = {
      topic: find("publish-topic", HTMLInputElement).value.trim(),
      type: find("publish-type", HTMLInputElement).value.trim() || "message",
      data: data.value,
    };
    onSend(message);
    const outcome = await publisher.publish(message);
    find("publish-outcome", HTMLElement).textContent = describe(outcome);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });
  data.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
}

/** @param {import("./publish.js").Outcome} outcome */
function describe({ kind, text }) {
  switch (kind) {
    case "stored":
      return `Stored as ${text}`;
    case "refused":
      return `Not published: ${text}`;
    case "unknown":
      return `No answer: ${text}. If it was stored, its event will show.`;
  }
}
