/** What several parts of the resource's schema are made of. Pure. */
import { z } from "zod";

/** A CEL rule; its message says what can be done, `fieldPath` (such as `.replicas`) whom it blames. */
export const rule = (rule: string, message: string, fieldPath?: string) => ({
  rule,
  message,
  ...(fieldPath && { fieldPath }),
});

export const integer = (minimum: number, maximum: number, description: string) =>
  z.int().min(minimum).max(maximum).meta({ description });

const QUANTITY = /^[0-9]+(\.[0-9]{1,3})?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;

/** A Kubernetes quantity such as `64Mi`, or a number. */
export const Quantity = z.union([z.int().min(0), z.string().max(20).regex(QUANTITY)]).meta({
  "x-kubernetes-int-or-string": true,
  pattern: QUANTITY.source,
});
