/** The list of jobs, this tab's and the other tabs': "Process N Under progress", then "Process N Completed". */
import { find, make, oncePerFrame } from "./dom.js";

export const JOB_TYPE = "job";

const MAX_JOBS = 50;

/**
 * @typedef {"progress" | "completed" | "failed" | "unknown"} JobState
 *
 * @typedef {{ process: number, client: string }} JobMessage numbers count up in each tab: only with `client`, the tab, do
 *   they name one job
 *
 * @typedef {JobMessage & { state: JobState, note: string, startedMs: number, row: HTMLElement }} Job
 */

/** @type {{ [state in JobState]: string }} */
const WORDS = {
  progress: "Under progress",
  completed: "Completed",
  failed: "Not submitted",
  unknown: "Unanswered",
};

export class JobList {
  /** @type {string} */
  #client;
  /** @type {Map<string, Job>} newest last */
  #jobs = new Map();
  /** @type {Set<Job>} */
  #changed = new Set();
  #submitted = 0;

  /** @param {string} client this tab's name, different in every load of the page */
  constructor(client) {
    this.#client = client;
  }

  /** @returns {JobMessage} the next job, which is under progress from now on */
  start() {
    this.#submitted += 1;
    const message = { process: this.#submitted, client: this.#client };
    this.#change(this.#add(message), "progress", "");
    return message;
  }

  /**
   * What became of a job's message. That it was stored is not yet news: the job is done when its event is back.
   * @param {JobMessage} message
   * @param {import("./publish.js").Outcome} outcome
   */
  answered(message, { kind, text }) {
    const job = this.#jobs.get(jobKey(message));
    if (job === undefined || kind === "stored") return;
    this.#change(job, kind === "refused" ? "failed" : "unknown", text);
  }

  /** @param {string} data of an event of type "job"; what is not a job's is left alone */
  completed(data) {
    const message = parseJobMessage(data);
    if (message === undefined) return;
    const known = this.#jobs.get(jobKey(message));
    const job = known ?? this.#add(message);
    const took = performance.now() - job.startedMs;
    this.#change(job, "completed", known === undefined ? "" : duration(took));
  }

  /** After a gap, the event of a job under progress may be among those that are lost. */
  gapSeen() {
    for (const job of this.#jobs.values()) {
      if (job.state === "progress") this.#change(job, "progress", "its event may be in the gap");
    }
  }

  /**
   * @param {JobMessage} message
   * @returns {Job}
   */
  #add(message) {
    const startedMs = performance.now();
    /** @type {Job} */
    const job = { ...message, state: "progress", note: "", startedMs, row: make("li", "job") };
    this.#jobs.set(jobKey(message), job);
    for (const key of this.#jobs.keys()) {
      if (this.#jobs.size <= MAX_JOBS) break;
      this.#jobs.delete(key);
    }
    return job;
  }

  /**
   * @param {Job} job
   * @param {JobState} state
   * @param {string} note
   */
  #change(job, state, note) {
    if (job.state === "completed") return;
    job.state = state;
    job.note = note;
    this.#changed.add(job);
    this.#draw();
  }

  #draw = oncePerFrame(() => {
    for (const job of this.#changed) drawJob(job, this.#client);
    const own = [...this.#changed].findLast((job) => job.client === this.#client);
    if (own !== undefined) find("announcer", HTMLElement).textContent = sentence(own);
    this.#changed.clear();
    const rows = [...this.#jobs.values()].reverse().map((job) => job.row);
    find("jobs", HTMLOListElement).replaceChildren(...rows);
    find("jobs-empty", HTMLElement).hidden = rows.length > 0;
  });
}

/** @param {number} ms */
function duration(ms) {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** @param {JobMessage} message */
function jobKey({ process, client }) {
  return `${process} ${client}`;
}

/** @param {Job} job */
function sentence({ process, state }) {
  return `Process ${process} ${WORDS[state]}`;
}

/**
 * @param {Job} job
 * @param {string} self
 */
function drawJob(job, self) {
  const origin = job.client === self ? "this tab" : job.client;
  const note = job.note === "" ? origin : `${origin} · ${job.note}`;
  job.row.dataset.state = job.state;
  job.row.replaceChildren(make("span", "what", sentence(job)), make("span", "fine", note));
}

/**
 * @param {string} data
 * @returns {JobMessage | undefined}
 */
function parseJobMessage(data) {
  try {
    const { process, client } = JSON.parse(data);
    const valid = Number.isSafeInteger(process) && process > 0 && typeof client === "string";
    return valid ? { process, client: client.slice(0, 40) } : undefined;
  } catch {
    return undefined;
  }
}
