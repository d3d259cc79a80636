/** What the operator's own objects are called and known by. Pure. */

/** Of every object of the operator; there is one operator to a namespace. */
export const NAME = "sse-operator";
export const LABELS = { "app.kubernetes.io/name": NAME, "app.kubernetes.io/part-of": NAME };
export const SELECTOR = { "app.kubernetes.io/name": NAME };
export const HEALTH_PORT_NAME = "health";
export const HEALTH_PORT = 8080;
