/** One token of this tab: kept until the tab is closed, and asked for anew when the server wants another. No DOM. */

/**
 * @typedef {object} TokenStoreOptions
 * @property {string} name under which it is kept
 * @property {(refusal: string | undefined) => Promise<string | undefined>} ask gets what was wrong with the last token;
 *   answers a token, or nothing when the user gives up
 * @property {(hasToken: boolean) => void} onChange at once, and whenever a token is got or forgotten
 */

export class TokenStore {
  /** @type {TokenStoreOptions} */
  #options;
  #value;
  /**
   * Several may wait for the same answer; the dialog is shown once.
   * @type {Promise<string | undefined> | undefined}
   */
  #question;

  /** @param {TokenStoreOptions} options */
  constructor(options) {
    this.#options = options;
    this.#value = sessionStorage.getItem(options.name) ?? "";
    options.onChange(this.#value !== "");
  }

  /** Empty: there is none. */
  get value() {
    return this.#value;
  }

  /**
   * After the server has refused `used`: answers whether there is another one to try.
   * @param {string} used
   * @param {string} refusal
   */
  async replace(used, refusal) {
    // Somebody else may have got a better one meanwhile.
    if (this.#value !== used) return true;
    const { name, ask, onChange } = this.#options;
    this.#question ??= ask(used === "" ? undefined : refusal).finally(() => (this.#question = undefined));
    const answer = await this.#question;
    if (answer === undefined) return false;
    this.#value = answer;
    sessionStorage.setItem(name, answer);
    onChange(true);
    return true;
  }

  forget() {
    this.#value = "";
    sessionStorage.removeItem(this.#options.name);
    this.#options.onChange(false);
  }
}
