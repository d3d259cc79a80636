/** Who may do what: its part of the resource's schema. Pure. */
import { z } from "zod";
import { JwtAlgorithm, ORIGIN } from "#runtime/config.ts";
import { integer, rule } from "./schema-parts.ts";
import { TrustedCaSchema } from "./trusted-ca.ts";

const ONE_KEY_SOURCE =
  "the tokens' keys come from exactly one place: keep jwksUrl, or keysSecretRef for keys of your own";
const HMAC_NEEDS_SECRET =
  "HMAC needs a shared secret, which no URL can hold: remove the HS algorithms, or replace jwksUrl by keysSecretRef";
const CA_OF_URL =
  "the certificate authority is that of jwksUrl, which is not there: remove jwksCa, or add jwksUrl";
const JWT_NEEDED =
  "the mode Jwt needs to know whose tokens to take: add jwt with issuer, audience and jwksUrl or keysSecretRef";
const WILDCARD_ALONE =
  "`*` already stands for every origin, and without cookies: remove the others, or list every origin instead of `*`";

const Jwt = z
  .strictObject({
    jwksUrl: z
      .string()
      .max(2_048)
      .regex(/^https:\/\/[^\s]+$/)
      .refine((url) => URL.canParse(url), "must be a URL")
      .exactOptional()
      .meta({
        description:
          "The issuer's JWKS, such as `https://issuer.example.com/jwks.json`. The pods must be able to reach it, and trust its certificate by a well-known authority or by jwksCa.",
        "x-kubernetes-validations": [rule("isURL(self)", "must be a URL")],
      }),
    jwksCa: TrustedCaSchema.exactOptional().meta({
      description:
        "The certificate authority of jwksUrl's server, in PEM; the well-known ones when left out. A changed one counts from the next request on.",
    }),
    keysSecretRef: z
      .strictObject({
        name: z
          .string()
          .min(1)
          .max(253)
          .meta({ description: "Name of the Secret, in the same namespace, such as `my-jwt-keys`." }),
      })
      .exactOptional()
      .meta({
        description:
          "A Secret whose every key holds a JWKS, a public key in PEM, or, with an HS algorithm allowed, a shared secret of at least 32 bytes.",
      }),
    issuer: z.string().min(1).max(1_024).meta({ description: "What a token's `iss` must be." }),
    audience: z.string().min(1).max(1_024).meta({ description: "What a token's `aud` must be or hold." }),
    algorithms: z
      .array(JwtAlgorithm)
      .min(1)
      .max(13)
      .default(["RS256", "ES256", "EdDSA"])
      .meta({ description: "How tokens may be signed.", "x-kubernetes-list-type": "set" }),
    clockToleranceSeconds: integer(0, 300, "Seconds by which the issuer's clock may differ.").default(5),
    cookie: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/)
      .max(64)
      .exactOptional()
      .meta({
        description:
          "Name of the cookie that may hold the token, such as `session`; cookies are not looked at when left out.",
      }),
  })
  .refine(({ jwksUrl, keysSecretRef }) => !jwksUrl !== !keysSecretRef, { error: ONE_KEY_SOURCE })
  .refine(({ jwksUrl, algorithms }) => !jwksUrl || !algorithms.some((name) => name.startsWith("HS")), {
    path: ["algorithms"],
    error: HMAC_NEEDS_SECRET,
  })
  .refine(({ jwksUrl, jwksCa }) => !jwksCa || jwksUrl, { path: ["jwksCa"], error: CA_OF_URL })
  .meta({
    description: "Whose JSON Web Tokens are taken; one block for publishing and subscribing.",
    "x-kubernetes-validations": [
      rule("has(self.jwksUrl) != has(self.keysSecretRef)", ONE_KEY_SOURCE),
      rule(
        "!has(self.jwksUrl) || !self.algorithms.exists(name, name.startsWith('HS'))",
        HMAC_NEEDS_SECRET,
        ".algorithms",
      ),
      rule("!has(self.jwksCa) || has(self.jwksUrl)", CA_OF_URL, ".jwksCa"),
    ],
  });

export const AccessSchema = z
  .strictObject({
    publish: z.enum(["Token", "Jwt", "Anyone"]).default("Token").meta({
      description:
        "Who may publish: the holders of the token in the Secret `<name>-publish-token`, those whose JSON Web Token names the topic, or everybody who reaches the service.",
    }),
    subscribe: z.enum(["Anyone", "Jwt"]).default("Anyone").meta({
      description:
        "Who may subscribe: everybody who reaches the service, or those whose JSON Web Token names the topic.",
    }),
    jwt: Jwt.exactOptional(),
    corsOrigins: z
      .array(z.string().max(300).regex(ORIGIN))
      .max(32)
      .default([])
      .refine((origins) => !origins.includes("*") || origins.length === 1, { error: WILDCARD_ALONE })
      .meta({
        description:
          "Origins whose pages may subscribe and publish, as a browser writes them (`https://shop.example.com`, no default port, no slash at the end); or `*` alone, for every page and without cookies.",
        "x-kubernetes-list-type": "set",
        "x-kubernetes-validations": [rule("!('*' in self) || size(self) == 1", WILDCARD_ALONE)],
      }),
  })
  .refine(({ publish, subscribe, jwt }) => jwt || (publish !== "Jwt" && subscribe !== "Jwt"), {
    path: ["jwt"],
    error: JWT_NEEDED,
  })
  .meta({
    "x-kubernetes-validations": [
      rule("has(self.jwt) || (self.publish != 'Jwt' && self.subscribe != 'Jwt')", JWT_NEEDED, ".jwt"),
    ],
  });

export type Access = z.output<typeof AccessSchema>;

/** Whose tokens are taken; undefined while neither direction asks for one. */
export function jwtInUse({ publish, subscribe, jwt }: Access): Access["jwt"] {
  return publish === "Jwt" || subscribe === "Jwt" ? jwt : undefined;
}
