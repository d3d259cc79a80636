/** A certificate authority that the pods trust for one server of the user's: the fields' shape, and the choice as a value. Pure. */
import { z } from "zod";
import { rule } from "./schema-parts.ts";

const ONE_PLACE =
  "the certificate authority comes from exactly one place: keep secretRef, or configMapRef, as it is no secret";

const reference = (kind: string) =>
  z.strictObject({
    name: z
      .string()
      .min(1)
      .max(253)
      .meta({ description: `Name of the ${kind}, in the same namespace, such as \`my-ca\`.` }),
    key: z
      .string()
      .min(1)
      .max(253)
      .default("ca.crt")
      .meta({ description: `Key in the ${kind}.` }),
  });

export const TrustedCaSchema = z
  .strictObject({
    secretRef: reference("Secret").exactOptional().meta({ description: "A Secret that holds it." }),
    configMapRef: reference("ConfigMap").exactOptional().meta({ description: "A ConfigMap that holds it." }),
  })
  .refine(({ secretRef, configMapRef }) => !secretRef !== !configMapRef, { error: ONE_PLACE })
  .meta({ "x-kubernetes-validations": [rule("has(self.secretRef) != has(self.configMapRef)", ONE_PLACE)] });

/** Where the certificates, in PEM, are found. */
export interface TrustedCa {
  readonly kind: "Secret" | "ConfigMap";
  readonly name: string;
  readonly key: string;
}

export function toTrustedCa({
  secretRef,
  configMapRef,
}: z.output<typeof TrustedCaSchema>): TrustedCa | undefined {
  if (secretRef) return { kind: "Secret", ...secretRef };
  return configMapRef && { kind: "ConfigMap", ...configMapRef };
}
