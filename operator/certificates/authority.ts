/**
 * The life of a service's certificate authority. It is replaced without an outage, in two phases: first clients are told to
 * trust the next one beside it; then that one signs, and the old one is dropped when nothing of it is served any more.
 */
import type { Authority, KeyPair } from "#operator/sseservice/resources/secrets.ts";
import { inspectCertificate, inspectPair } from "./inspect.ts";
import { issueAuthority } from "./issue.ts";
import { renewalTime } from "./renewal.ts";

/** For pods and programs that read `ca.crt` a minute would do; people who imported it need to hear of it. */
export const TRUST_PERIOD_MS = 30 * 86_400_000;

/** Moves on by at most one phase; the same input at the same time keeps the same authority. */
export async function renewAuthority(
  existing: Authority | undefined,
  leaf: KeyPair | undefined,
  commonName: string,
  now: Date,
): Promise<Authority> {
  const authority = existing && withoutBroken(existing, now);
  if (!authority) return startingWith(await issueAuthority(commonName, now));
  const { signing, next, previous } = authority;
  if (next)
    return hasLasted(next, now)
      ? { signing: next, next: undefined, previous: signing.certificate }
      : authority;
  if (isDue(signing, now)) return { ...authority, next: await issueAuthority(commonName, now) };
  if (previous && leaf && isSignedBy(leaf, signing) && hasLasted(leaf, now)) return startingWith(signing);
  return authority;
}

/** What clients are to trust, PEM: the one that signs first. */
export function trustedAuthorities({ signing, next, previous }: Authority): string {
  return [signing.certificate, next?.certificate, previous].join("");
}

function startingWith(signing: KeyPair): Authority {
  return { signing, next: undefined, previous: undefined };
}

/** Undefined when no part of it can sign any more; then nothing that it signed can be trusted either. */
function withoutBroken({ signing, next, previous }: Authority, now: Date): Authority | undefined {
  // One that signs already may be left behind where somebody else keeps it in the Secret.
  const isAnother = next && next.certificate !== signing.certificate;
  const goodNext = isAnother && canSign(next, now) ? next : undefined;
  if (canSign(signing, now)) return { signing, next: goodNext, previous };
  return goodNext && startingWith(goodNext);
}

function canSign(pair: KeyPair, now: Date): boolean {
  const facts = inspectPair(pair);
  return facts !== undefined && facts.isSignedBy(pair.certificate) && now < facts.notAfter;
}

function isDue({ certificate }: KeyPair, now: Date): boolean {
  const facts = inspectCertificate(certificate);
  return facts !== undefined && now >= renewalTime(facts);
}

/** Since its issue, everybody has had the time to see it. */
function hasLasted({ certificate }: KeyPair, now: Date): boolean {
  const facts = inspectCertificate(certificate);
  return facts !== undefined && now.getTime() >= facts.notBefore.getTime() + TRUST_PERIOD_MS;
}

function isSignedBy(leaf: KeyPair, authority: KeyPair): boolean {
  return inspectCertificate(leaf.certificate)?.isSignedBy(authority.certificate) ?? false;
}
