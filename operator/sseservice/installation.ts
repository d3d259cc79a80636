/** What every service's children need to know of the operator that makes them. Pure. */
import type { DefaultImages } from "./resources/deployment.ts";

export interface Installation {
  readonly images: DefaultImages;
  /** Where the operator's own pods run. */
  readonly namespace: string;
}
