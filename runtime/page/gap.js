/** Says in words what the server's `gap` event tells: where the stream was to go on, and why it could not. No DOM. */

/** @type {{ [reason: string]: string | undefined }} the closed set of the wire */
const REASONS = {
  trimmed: "the history no longer goes back that far",
  epoch: "that history is gone and a new one has begun, as after a restart without a shared backplane",
  ahead: "the server has lost the newest part of its history",
  diverged: "the history was rolled back and written anew",
  malformed: "that is no place in this service's history",
};

/**
 * @param {{ requested: string, oldest: string, reason: string }} gap
 * @returns {string}
 */
export function explainGap({ requested, oldest, reason }) {
  const why = REASONS[reason] ?? reason;
  return `The stream was to go on after ${requested}, but ${why} (${reason}). Events may be missing here; it goes on after ${oldest}.`;
}
