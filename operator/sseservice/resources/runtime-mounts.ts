/** What the runtime alone reads from Secrets and ConfigMaps, and where: each as the pod's volume and its directory. Pure. */
import type { V1Volume, V1VolumeMount } from "@kubernetes/client-node";
import { jwtInUse } from "../access.ts";
import { certificateSecretName, publishTokenSecretName } from "../names.ts";
import type { SseService } from "../spec.ts";
import { toTrustedCa, type TrustedCa } from "../trusted-ca.ts";
import { backplaneUrlSecret } from "./backplane/secret.ts";
import {
  BACKPLANE_CA_DIRECTORY,
  BACKPLANE_DIRECTORY,
  BACKPLANE_URL_FILE,
  CA_FILE,
  CERTIFICATE_DIRECTORY,
  CERTIFICATE_FILE,
  JWKS_CA_DIRECTORY,
  JWT_KEY_DIRECTORY,
  TOKEN_DIRECTORY,
} from "./pod-layout.ts";
import { CERTIFICATE_KEY } from "./secrets.ts";

export interface RuntimeMounts {
  readonly volumes: readonly V1Volume[];
  readonly volumeMounts: readonly V1VolumeMount[];
}

interface Mount {
  readonly volume: V1Volume;
  readonly directory: string;
}

export function buildRuntimeMounts({ name, spec, backplane }: SseService): RuntimeMounts {
  const jwt = jwtInUse(spec.access);
  const url = backplaneUrlSecret(name, backplane);
  const backplaneCa = backplane.kind === "Redis" ? backplane.ca : undefined;
  const jwksCa = jwt?.jwksCa && toTrustedCa(jwt.jwksCa);
  const mounts = [
    // Without the key, which only nginx needs.
    secret("certificate", CERTIFICATE_DIRECTORY, certificateSecretName(name), {
      key: CERTIFICATE_KEY,
      path: CERTIFICATE_FILE,
    }),
    spec.access.publish === "Token" && secret("tokens", TOKEN_DIRECTORY, publishTokenSecretName(name)),
    jwt?.keysSecretRef && secret("jwt-keys", JWT_KEY_DIRECTORY, jwt.keysSecretRef.name),
    url && secret("backplane", BACKPLANE_DIRECTORY, url.name, { key: url.key, path: BACKPLANE_URL_FILE }),
    backplaneCa && authority("backplane-ca", BACKPLANE_CA_DIRECTORY, backplaneCa),
    jwksCa && authority("jwks-ca", JWKS_CA_DIRECTORY, jwksCa),
  ].filter((mount) => mount !== undefined && mount !== false);
  return {
    volumes: mounts.map(({ volume }) => volume),
    volumeMounts: mounts.map(({ volume, directory }) => ({
      name: volume.name,
      mountPath: directory,
      readOnly: true,
    })),
  };
}

/** The whole Secret, or one key of it as a file. */
function secret(
  name: string,
  directory: string,
  secretName: string,
  item?: { readonly key: string; readonly path: string },
): Mount {
  return { volume: { name, secret: { secretName, ...(item && { items: [item] }) } }, directory };
}

function authority(name: string, directory: string, ca: TrustedCa): Mount {
  const item = { key: ca.key, path: CA_FILE };
  if (ca.kind === "Secret") return secret(name, directory, ca.name, item);
  return { volume: { name, configMap: { name: ca.name, items: [item] } }, directory };
}
