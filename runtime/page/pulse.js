/** Draws the last minute as bars, one a second, with a sign where a reconnect or a gap was. */
import { find } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";

/** A quiet stream's single event is a low bar, not a full one. */
const LOWEST_SCALE = 5;

/** @type {{ [mark: string]: string }} */
const SIGNS = { reconnect: "↻", gap: "▲" };

/** @param {number} count how many seconds are shown */
export function createPulse(count) {
  const picture = find("pulse", SVGSVGElement);
  const width = 100 / count;
  const columns = Array.from({ length: count }, (_, index) => {
    const bar = document.createElementNS(SVG, "rect");
    bar.setAttribute("x", `${index * width + width * 0.15}%`);
    bar.setAttribute("width", `${width * 0.7}%`);
    const sign = document.createElementNS(SVG, "text");
    sign.setAttribute("x", `${(index + 0.5) * width}%`);
    sign.setAttribute("y", "12");
    picture.append(bar, sign);
    return { bar, sign };
  });

  return {
    /** @param {readonly Readonly<import("./rate.js").Second>[]} seconds */
    draw(seconds) {
      const peak = Math.max(...seconds.map((second) => second.events));
      const scale = Math.max(peak, LOWEST_SCALE);
      picture.setAttribute("aria-label", `Events per second over the last minute; the most was ${peak}`);
      seconds.forEach(({ events, mark }, index) => {
        const column = columns[index];
        if (column === undefined) return;
        // 2 % stay as a base line, the upper fifth is for the signs.
        const height = 2 + (events / scale) * 76;
        column.bar.setAttribute("y", `${100 - height}%`);
        column.bar.setAttribute("height", `${height}%`);
        column.sign.textContent = mark === undefined ? "" : (SIGNS[mark] ?? "");
      });
    },
  };
}
