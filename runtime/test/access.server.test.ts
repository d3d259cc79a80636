/** Tokens, cookies and origins on real connections: real signatures, and a real JWKS server. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RuntimeConfigInput } from "#runtime/config.ts";
import { PATIENTLY } from "./event-stream-reader.ts";
import { AUDIENCE, ISSUER, SigningKey, startJwksServer, type JwksServer } from "./jwt-issuer.ts";
import { createSelfSigned } from "./self-signed.ts";
import { RunningRuntime, type Answer } from "./running-runtime.ts";

const SHOP = "https://shop.example";

let key: SigningKey;
let jwks: JwksServer;
let runtime: RunningRuntime;

beforeEach(async () => {
  key = await SigningKey.create();
  jwks = await startJwksServer(key);
});
afterEach(async () => {
  await runtime.stop();
  jwks.close();
});

type AccessInput = NonNullable<RuntimeConfigInput["access"]>;

async function start(access: Partial<AccessInput> = {}): Promise<void> {
  const jwt = {
    jwksUrl: jwks.url,
    issuer: ISSUER,
    audience: AUDIENCE,
    clockToleranceSeconds: 0,
    cookie: "session",
  };
  runtime = await RunningRuntime.start({
    access: { publish: { mode: "Jwt" }, subscribe: { mode: "Jwt" }, jwt, ...access },
  });
}

function publish(headers: Record<string, string>, path = "/submit", body = "x"): Promise<Answer> {
  return runtime.send({ method: "POST", path, headers, body });
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const codeOf = ({ text }: Answer): unknown => JSON.parse(text).error.code;

describe.each([
  ["node:http", {}],
  ["the upgrade", { upgrade: "sse", connection: "upgrade" }],
])("subscribing by %s", (_, way) => {
  test.each<[string, (token: string) => [string, Record<string, string>]]>([
    ["the header", (token) => ["?topic=a", bearer(token)]],
    ["the query", (token) => [`?topic=a&access_token=${token}`, {}]],
    ["the cookie", (token) => ["?topic=a", { cookie: `other=1; session=${token}` }]],
  ])("with the token in %s delivers", async (_place, carry) => {
    await start();
    const [query, headers] = carry(await key.sign());
    const client = await runtime.stream(query, { ...way, ...headers });
    await publish(bearer(await key.sign()), "/submit?topic=a");
    expect((await client.events(1)).map(({ data }) => data)).toEqual(["x"]);
  });

  const refusal = async (query: string, headers: Record<string, string> = {}): Promise<Answer> =>
    runtime.send({ path: `/status${query}`, headers: { ...way, ...headers } });

  test("without a token is 401, and never a stream", async () => {
    await start();
    const answer = await refusal("");
    expect([answer.status, codeOf(answer)]).toEqual([401, "token_missing"]);
    expect(answer.headers["www-authenticate"]).toBe('Bearer realm="subscribe"');
  });

  test("a bad header is 401, even beside a good cookie", async () => {
    await start();
    const answer = await refusal("", { authorization: "Basic x", cookie: `session=${await key.sign()}` });
    expect([answer.status, codeOf(answer)]).toEqual([401, "token_invalid"]);
    expect(answer.headers["www-authenticate"]).toBe('Bearer realm="subscribe", error="invalid_token"');
  });

  test("to one topic too many is 403", async () => {
    await start();
    const token = await key.sign({ sse: { subscribe: ["a", "b/*"] } });
    const answer = await refusal("?topic=a&topic=b/1&topic=c", bearer(token));
    expect([answer.status, codeOf(answer)]).toEqual([403, "topic_forbidden"]);
    expect(answer.text).toContain('subscribing to \\"c\\"');
    expect(answer.headers["www-authenticate"]).toBe('Bearer realm="subscribe", error="insufficient_scope"');
    expect(
      (await (await runtime.stream("?topic=a&topic=b/1", { ...way, ...bearer(token) })).opening()).hasEnded,
    ).toBe(false);
  });

  test("ends with the token, and then it is refused", async () => {
    await start();
    const headers = { ...way, ...bearer(await key.sign({ expiresInSeconds: 6 })) };
    const client = await runtime.stream("", headers);
    expect((await client.end()).parser.comments).toEqual(["end token_expired"]);
    const answer = await runtime.send({ path: "/status", headers });
    expect([answer.status, codeOf(answer)]).toEqual([401, "token_invalid"]);
  });

  test("while the keys cannot be had is told to come back, and works once they are there", async () => {
    const good = jwks.answer;
    jwks.answer = { status: 500, body: "" };
    await start();
    const token = await key.sign();
    const client = await (await runtime.stream(`?access_token=${token}`, way)).end();
    expect(client.response.statusCode).toBe(200);
    expect(client.parser.comments).toEqual(["end keys_unavailable"]);
    expect(client.parser.reconnectionTimeMs).toBeGreaterThan(0);
    expect(codeOf(await publish(bearer(token)))).toBe("keys_unavailable");
    jwks.answer = good;
    const attempt = async () => (await publish(bearer(token))).status;
    await expect.poll(attempt, PATIENTLY).toBe(200);
    expect(await runtime.metric('sse_streams_refused_total{reason="keys_unavailable"}')).toBe(1);
  });

  test("says whose pages may read it, also when it refuses", async () => {
    await start({ corsOrigins: [SHOP] });
    const headers = { ...way, origin: SHOP };
    const { response } = await runtime.stream(`?access_token=${await key.sign()}`, headers);
    for (const answer of [response, await refusal("", headers)]) {
      expect(answer.headers).toMatchObject({
        "access-control-allow-origin": SHOP,
        "access-control-allow-credentials": "true",
        vary: "Origin",
      });
    }
    const other = await refusal("", { ...way, origin: "https://evil.example" });
    expect(other.headers).not.toHaveProperty("access-control-allow-origin");
  });

  test("needs no token where anyone may", async () => {
    await start({ subscribe: { mode: "Anyone" } });
    expect((await (await runtime.stream("", way)).opening()).hasEnded).toBe(false);
  });
});

test("a JWKS that redirects, or is none, is not followed", async () => {
  jwks.answer = { status: 302, body: "", headers: { location: jwks.url } };
  await start();
  expect((await publish(bearer(await key.sign()))).status).toBe(503);
  await runtime.stop();
  jwks.answer = { status: 200, body: `{"keys": []}${" ".repeat(300_000)}` };
  await start();
  expect((await publish(bearer(await key.sign()))).status).toBe(503);
});

test("a JWKS behind a private authority is had with that authority's certificate, and not without", async () => {
  const issuer = await createSelfSigned();
  const secure = await startJwksServer(key, issuer);
  const jwt = { jwksUrl: secure.url, issuer: ISSUER, audience: AUDIENCE };
  try {
    await start({ jwt });
    expect(codeOf(await publish(bearer(await key.sign())))).toBe("keys_unavailable");
    await runtime.stop();
    await start({ jwt: { ...jwt, jwksCaFile: issuer.certificateFile } });
    expect((await publish(bearer(await key.sign()))).status).toBe(200);
  } finally {
    secure.close();
    await issuer.dispose();
  }
});

describe("publishing", () => {
  test("is for the token's topics", async () => {
    await start();
    const token = bearer(await key.sign({ sse: { publish: ["orders/*"] } }));
    expect((await publish(token, "/submit?topic=orders/7")).status).toBe(200);
    const refused = await publish(token, "/submit?topic=news");
    expect([refused.status, codeOf(refused)]).toEqual([403, "topic_forbidden"]);
    expect((await publish({})).headers["www-authenticate"]).toBe('Bearer realm="publish"');
  });

  test("a batch is refused whole for one topic, by its line", async () => {
    await start();
    const token = bearer(await key.sign({ sse: { publish: ["a", "b"], subscribe: ["*"] } }));
    const headers = { ...token, "content-type": "application/x-ndjson" };
    const lines = (...topics: string[]) => topics.map((topic) => JSON.stringify({ data: topic, topic }));
    const refused = await publish(headers, "/submit?topic=a", [...lines("a"), "", ...lines("c")].join("\n"));
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.text).error).toMatchObject({ code: "topic_forbidden", line: 3 });
    const taken = await publish(headers, "/submit?topic=c", lines("a", "b").join("\n"));
    expect(taken.status).toBe(200);
    expect(JSON.parse(taken.text).ids[0]).toMatch(/\.1$/);
  });

  test("takes no token from the query", async () => {
    await start();
    const answer = await publish({}, `/submit?access_token=${await key.sign()}`);
    expect([answer.status, codeOf(answer)]).toEqual([401, "token_missing"]);
  });

  test("by cookie is for pages of trusted origins", async () => {
    await start({ corsOrigins: [SHOP] });
    const cookie = `session=${await key.sign()}`;
    const from = async (origin?: string) =>
      (await publish({ cookie, host: "events.example", ...(origin && { origin }) })).status;
    expect(await from("https://events.example")).toBe(200);
    expect(await from(SHOP)).toBe(200);
    expect(await from("https://evil.example")).toBe(403);
    expect(await from()).toBe(403);
    expect((await publish({ ...bearer(await key.sign()), origin: "https://evil.example" })).status).toBe(200);
  });

  test("is announced to a listed origin's preflight, and to no other's", async () => {
    await start({ corsOrigins: [SHOP] });
    const ask = (origin: string, path = "/submit") =>
      runtime.send({ method: "OPTIONS", path, headers: { origin, "access-control-request-method": "POST" } });
    const listed = await ask(SHOP);
    expect(listed.status).toBe(204);
    expect(listed.headers).toMatchObject({
      "access-control-allow-origin": SHOP,
      "access-control-allow-methods": expect.stringContaining("POST"),
      "access-control-allow-headers": expect.stringMatching(/Authorization.*Idempotency-Key/),
    });
    expect((await ask(SHOP, "/status")).headers).toHaveProperty("access-control-max-age");
    const other = await ask("https://evil.example");
    expect(other.headers).not.toHaveProperty("access-control-allow-origin");
    expect(other.headers).not.toHaveProperty("access-control-allow-methods");
  });
});
