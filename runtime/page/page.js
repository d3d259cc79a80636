/** The client page: one stream in, jobs and messages out. Wires the parts; each of them stands in its own file. */
import { createConnectionView } from "./connection.js";
import { find, oncePerFrame } from "./dom.js";
import { createEventList } from "./event-list.js";
import { JOB_TYPE, JobList } from "./jobs.js";
import { explainGap } from "./gap.js";
import { watchProtocol } from "./protocol.js";
import { createPublishBox } from "./publish-box.js";
import { createPublisher } from "./publish.js";
import { createPulse } from "./pulse.js";
import { createRateMeter } from "./rate.js";
import { Stream } from "./stream.js";
import { showSubscription, topicsOfAddress, watchSubscriptionForm, writeAddress } from "./subscription.js";
import { curlCommands } from "./terminal.js";
import { askForToken } from "./token-dialog.js";
import { TokenStore } from "./token-store.js";

const WINDOW_SECONDS = 60;

/** A name for this load of the page: a duplicated tab shares all storage, so it is not stored. */
const client = `tab-${Array.from(crypto.getRandomValues(new Uint8Array(5)), (byte) => (byte % 36).toString(36)).join("")}`;

const totals = { received: 0, reconnects: 0, gaps: 0 };
const meter = createRateMeter(WINDOW_SECONDS);
const pulse = createPulse(WINDOW_SECONDS);
const connection = createConnectionView(client);
const events = createEventList();
const jobs = new JobList(client);
const publishToken = new TokenStore({
  name: "publish-token",
  ask: (refusal) => askForToken("Publishing needs a token", refusal),
  onChange(hasToken) {
    find("token-note", HTMLElement).hidden = !hasToken;
    find("curl-token", HTMLElement).hidden = !hasToken;
  },
});
const streamToken = new TokenStore({
  name: "stream-token",
  ask: (refusal) => askForToken("This stream needs a token", refusal),
  onChange(hasToken) {
    find("stream-token-note", HTMLElement).hidden = !hasToken;
    find("curl-stream-token", HTMLElement).hidden = !hasToken;
  },
});
const publisher = createPublisher(publishToken);
createPublishBox(publisher, ({ type }) => {
  connection.travel("out");
  listenFor(type);
});

const stream = new Stream({
  onState(state, attempt) {
    connection.showState(state, attempt);
    if (state === "closed") void showClosure();
  },
  onHello({ pod, certificate, again }) {
    connection.showPod(pod);
    connection.showCertificate(certificate);
    if (again) {
      totals.reconnects += 1;
      meter.mark("reconnect", performance.now());
    }
    addOwnLine("hello", again ? `Resumed, answered by ${pod}` : `Open, answered by ${pod}`);
    drawTotals();
  },
  onGap(gap) {
    totals.gaps += 1;
    meter.mark("gap", performance.now());
    jobs.gapSeen();
    showGap(gap);
    drawTotals();
  },
  onEvent(event) {
    totals.received += 1;
    meter.count(performance.now());
    connection.travel("in");
    if (event.type === JOB_TYPE) jobs.completed(event.data);
    events.add({ kind: "event", ...event, topic: onlyTopic() });
    drawTotals();
  },
});

const drawTotals = oncePerFrame(() => {
  for (const [id, total] of Object.entries(totals)) {
    find(id, HTMLElement).textContent = total.toLocaleString("en");
  }
  connection.showCursor(stream.cursor);
});

function drawRate() {
  const { perSecond, seconds } = meter.read(performance.now());
  find("rate", HTMLElement).textContent = perSecond.toLocaleString("en");
  pulse.draw(seconds);
}

/** An event does not name its topic: with one topic it is known, with several it is not. */
function onlyTopic() {
  const [topic, ...more] = stream.subscription.topics;
  return topic !== undefined && more.length === 0 ? topic : "";
}

/**
 * @param {"hello" | "gap"} kind
 * @param {string} data
 */
function addOwnLine(kind, data) {
  events.add({ kind, type: kind, topic: "", id: "", data });
}

/** @param {{ requested: string, oldest: string, reason: string }} gap */
function showGap(gap) {
  const text = explainGap(gap);
  find("gap-text", HTMLElement).textContent = text;
  find("gap-notice", HTMLElement).hidden = false;
  addOwnLine("gap", text);
}

async function showClosure() {
  const { text, refused } = await stream.explainClosure();
  connection.showClosure(text);
  if (refused === undefined) return;
  if (await streamToken.replace(refused.token, refused.reason)) stream.reopen(streamToken.value);
}

/** @param {string} type */
function listenFor(type) {
  stream.listenFor(type);
  showSubscription(stream.subscription);
}

/** @param {import("./stream.js").Subscription} subscription */
function subscribe(subscription) {
  stream.open(subscription, streamToken.value);
  writeAddress(subscription.topics);
  connection.showTopics(subscription.topics);
  showSubscription(stream.subscription);
  showCommands();
  showJobHint();
}

function showCommands() {
  const commands = curlCommands(document.baseURI, stream.subscription.topics);
  find("curl-follow", HTMLElement).textContent = commands.follow;
  find("curl-publish", HTMLElement).textContent = commands.publish;
  find("curl-tls", HTMLElement).hidden = location.protocol !== "https:";
}

const jobTopic = find("job-topic", HTMLInputElement);

function showJobHint() {
  find("job-hint", HTMLElement).hidden = stream.subscription.topics.includes(jobTopic.value.trim());
}

async function submitJob() {
  const message = jobs.start();
  const topic = jobTopic.value.trim();
  listenFor(JOB_TYPE);
  connection.travel("out");
  jobs.answered(message, await publisher.publish({ topic, type: JOB_TYPE, data: JSON.stringify(message) }));
}

find("job-form", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  void submitJob();
});
jobTopic.addEventListener("input", showJobHint);
find("job-subscribe", HTMLButtonElement).addEventListener("click", () => {
  const { topics, types } = stream.subscription;
  subscribe({ topics: [...topics, jobTopic.value.trim()], types });
});
find("gap-dismiss", HTMLButtonElement).addEventListener("click", () => {
  find("gap-notice", HTMLElement).hidden = true;
});
find("reconnect", HTMLButtonElement).addEventListener("click", () => stream.reopen(streamToken.value));
find("token-forget", HTMLButtonElement).addEventListener("click", () => publishToken.forget());
find("stream-token-forget", HTMLButtonElement).addEventListener("click", () => streamToken.forget());
watchSubscriptionForm(subscribe);
watchProtocol((protocol) => connection.showProtocol(protocol));
setInterval(drawRate, 1000);
drawRate();

for (const box of document.querySelectorAll("details")) {
  box.open = matchMedia("(min-width: 60rem)").matches;
}

const firstTopics = topicsOfAddress();
jobTopic.value = firstTopics[0] ?? "default";
find("publish-topic", HTMLInputElement).value = jobTopic.value;
subscribe({ topics: firstTopics, types: ["message", JOB_TYPE] });
