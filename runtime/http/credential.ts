/** Where a request carries its token. Pure. */
import { bearerToken } from "./auth.ts";
import { queryOf } from "./router.ts";
import type { IncomingHttpHeaders } from "node:http";

export interface Credential {
  /** Empty: something is there that is no token. */
  readonly token: string;
  /** A browser sends a cookie by itself, whoever's page asks. */
  readonly isFromCookie: boolean;
}

/** What was sent on purpose wins over what a browser adds: the header, then the query, then the cookie. */
export function readCredential(
  headers: IncomingHttpHeaders,
  cookieName: string | undefined,
  url?: string,
): Credential | undefined {
  const { authorization } = headers;
  if (authorization !== undefined) return { token: bearerToken(authorization) ?? "", isFromCookie: false };
  const parameter = url === undefined ? null : queryOf(url).get("access_token");
  if (parameter !== null) return { token: parameter, isFromCookie: false };
  const cookie = cookieName === undefined ? undefined : readCookie(headers.cookie, cookieName);
  return cookie === undefined ? undefined : { token: cookie, isFromCookie: true };
}

function readCookie(cookies = "", name: string): string | undefined {
  const pairs = cookies.split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
