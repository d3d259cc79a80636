/** The small form that asks for a token, and says when the last one was refused. */
import { find } from "./dom.js";

/** What an Authorization header can carry; fetch throws at anything else. */
const TOKEN = /^[\x21-\x7e]+$/;

/** There is one form: who asks while it is open waits. */
let last = Promise.resolve();

/**
 * Shows the dialog until a token is given or the user gives up.
 * @param {string} title what needs it
 * @param {string | undefined} refusal what the server said of the last token
 * @returns {Promise<string | undefined>}
 */
export function askForToken(title, refusal) {
  const answer = last.then(() => show(title, refusal));
  last = answer.then(() => undefined);
  return answer;
}

/**
 * @param {string} title
 * @param {string | undefined} refusal
 * @returns {Promise<string | undefined>}
 */
function show(title, refusal) {
  const dialog = find("token-dialog", HTMLDialogElement);
  const input = find("token", HTMLInputElement);
  const problem = find("token-problem", HTMLElement);
  const settled = new AbortController();
  find("token-title", HTMLElement).textContent = title;
  problem.textContent = refusal === undefined ? "" : `That token was refused: ${refusal}`;
  input.value = "";
  dialog.showModal();
  input.focus();

  return new Promise((resolve) => {
    /** @param {string | undefined} answer */
    function settle(answer) {
      settled.abort();
      dialog.close();
      resolve(answer);
    }
    const { signal } = settled;
    find("token-form", HTMLFormElement).addEventListener(
      "submit",
      (event) => {
        event.preventDefault();
        const token = input.value.trim();
        if (TOKEN.test(token)) settle(token);
        else problem.textContent = "A token is one word of plain letters, digits and signs.";
      },
      { signal },
    );
    find("token-cancel", HTMLButtonElement).addEventListener("click", () => settle(undefined), { signal });
    dialog.addEventListener("close", () => settle(undefined), { signal });
  });
}
