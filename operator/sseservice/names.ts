/** The name of every object that an SseService becomes. Pure. */

/** Leaves room for the longest suffix, so that every child's name and label value fits into 63 characters. */
export const MAX_NAME_LENGTH = 45;

/** A DNS-1035 label: what the API server takes as the name of a Service. */
export const NAME_PATTERN = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** Completes the sentence "metadata.name must ...". */
export const NAME_REQUIREMENT =
  `start with a letter, end with a letter or digit, hold only a-z, 0-9 and "-", and have at most ${MAX_NAME_LENGTH} ` +
  "characters, because the names of its Service and Secrets are made from it";

export function isServiceName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && NAME_PATTERN.test(name);
}

/** The operator writes that Secret itself, so nobody else's certificate can be in it. */
export const OWN_SECRET_REFUSAL =
  "is the Secret that the operator writes for the pods: put your certificate into one of another name";

export const configMapName = (name: string) => `${name}-config`;
export const deploymentName = (name: string) => name;
export const serviceName = (name: string) => name;
export const serviceAccountName = (name: string) => name;
export const certificateSecretName = (name: string) => `${name}-tls`;
export const authoritySecretName = (name: string) => `${name}-ca`;
export const issuedSecretName = (name: string) => `${name}-issued-tls`;
export const certificateName = (name: string) => name;
export const backplaneName = (name: string) => `${name}-backplane`;
export const disruptionBudgetName = (name: string) => name;
export const networkPolicyName = (name: string) => name;
export const publishTokenSecretName = (name: string) => `${name}-publish-token`;
