/** Finding, making and redrawing elements. Knows nothing of what they show. */

/**
 * The element with this id; a page and a script that do not fit fail at once, by name.
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function find(id, kind) {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`Cannot find "${id}": the page has no ${kind.name} of that id.`);
}

/**
 * @param {keyof HTMLElementTagNameMap} tag
 * @param {string} className
 * @param {string} [text]
 * @returns {HTMLElement}
 */
export function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/**
 * Makes a function that may be called at any rate and draws once, at the browser's next frame.
 * @param {() => void} draw
 * @returns {() => void}
 */
export function oncePerFrame(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

/**
 * @param {number} time milliseconds since 1970
 * @returns {string} local time, such as `14:02:33`
 */
export function clockTime(time) {
  return clock.format(time);
}
