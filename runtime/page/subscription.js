/** The topics and types of the stream, as the form and the page's own address have them. */
import { find } from "./dom.js";

/** @param {import("./stream.js").Subscription} subscription */
export function showSubscription({ topics, types }) {
  find("topics", HTMLTextAreaElement).value = topics.join("\n");
  find("types", HTMLTextAreaElement).value = types.join("\n");
}

/** @param {(subscription: import("./stream.js").Subscription) => void} onChoice */
export function watchSubscriptionForm(onChoice) {
  find("subscription-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const topics = readLines(find("topics", HTMLTextAreaElement).value);
    const types = readLines(find("types", HTMLTextAreaElement).value);
    onChoice({ topics: topics.length > 0 ? topics : ["default"], types });
  });
}

/** @returns {string[]} the topics that the page was opened with: `/?topic=a&topic=b` */
export function topicsOfAddress() {
  const topics = new URLSearchParams(location.search).getAll("topic").filter((topic) => topic !== "");
  return topics.length > 0 ? topics : ["default"];
}

/** @param {readonly string[]} topics so that a reload, or a link sent to somebody, opens the same stream */
export function writeAddress(topics) {
  const address = new URL(location.href);
  address.searchParams.delete("topic");
  const isDefault = topics.length === 1 && topics[0] === "default";
  if (!isDefault) for (const topic of topics) address.searchParams.append("topic", topic);
  history.replaceState(null, "", address);
}

/** @param {string} text one name a line: a name may hold spaces */
function readLines(text) {
  const lines = text.split("\n").map((line) => line.trim());
  return [...new Set(lines.filter((line) => line !== ""))];
}
