/** The last events, newest first: any rate in, one DOM write a frame out. */
import { clockTime, find, make, oncePerFrame } from "./dom.js";

const MAX_ROWS = 200;
const MAX_SHOWN_CHARACTERS = 600;

/**
 * @typedef {object} Entry
 * @property {"event" | "hello" | "gap" | "state"} kind all but `event` are the stream's own words
 * @property {string} type
 * @property {string} topic
 * @property {string} id
 * @property {string} data
 */

export function createEventList() {
  const list = find("events", HTMLOListElement);
  const pauseButton = find("pause", HTMLButtonElement);
  const waitingNote = find("waiting", HTMLElement);
  /** @type {(Entry & { time: number })[]} */
  let pending = [];
  let waiting = 0;
  let paused = false;

  const draw = oncePerFrame(() => {
    waitingNote.textContent = paused ? `Paused: ${waiting} more arrived` : "";
    if (paused) return;
    const rows = pending.slice(-MAX_ROWS).reverse().map(buildRow);
    pending = [];
    waiting = 0;
    list.prepend(...rows);
    while (list.childElementCount > MAX_ROWS) list.lastElementChild?.remove();
    find("events-empty", HTMLElement).hidden = list.childElementCount > 0;
  });

  pauseButton.addEventListener("click", () => {
    paused = !paused;
    pauseButton.setAttribute("aria-pressed", String(paused));
    draw();
  });
  find("clear", HTMLButtonElement).addEventListener("click", () => {
    list.replaceChildren();
    pending = [];
    waiting = 0;
    draw();
  });

  return {
    /** @param {Entry} entry */
    add(entry) {
      pending.push({ ...entry, time: Date.now() });
      waiting += 1;
      // A hidden tab gets no frames, a paused list takes none: keep what could be shown, in amortised constant time.
      if (pending.length > 2 * MAX_ROWS) pending = pending.slice(-MAX_ROWS);
      draw();
    },
  };
}

/** @param {Entry & { time: number }} entry */
function buildRow({ kind, type, topic, id, data, time }) {
  const row = make("li", "event");
  row.dataset.kind = kind;
  row.append(
    make("time", "time", clockTime(time)),
    make("span", "type", type),
    make("span", "topic", topic),
    make("span", "id", id),
    make("pre", "data", shorten(data)),
  );
  return row;
}

/** @param {string} data */
function shorten(data) {
  if (data.length <= MAX_SHOWN_CHARACTERS) return data;
  return `${data.slice(0, MAX_SHOWN_CHARACTERS)}… (${data.length.toLocaleString("en")} characters)`;
}
