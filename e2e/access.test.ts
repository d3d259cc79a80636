/** Access by JSON Web Token in the real cluster, through nginx and HTTP/2: by clients, and by a browser's EventSource. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { AUDIENCE, ISSUER, SigningKey } from "#runtime/test/jwt-issuer.ts";
import { launchChromium } from "./chromium.ts";
import type { Answer, H2Client } from "./h2-client.ts";
import { openWorld, type World } from "./world.ts";

const NAME = "closed";
const KEYS = "closed-keys";
const COOKIE = "session";
const PODS = `pods -l app.kubernetes.io/instance=${NAME}`;
const SPEC = {
  access: {
    publish: "Jwt",
    subscribe: "Jwt",
    jwt: {
      keysSecretRef: { name: KEYS },
      issuer: ISSUER,
      audience: AUDIENCE,
      cookie: COOKIE,
      clockToleranceSeconds: 0,
    },
  },
  stream: { retryMilliseconds: 500 },
  drain: { timeoutSeconds: 1 },
};

let world: World;
let key: SigningKey;
let url: string;
let client: H2Client;
let browser: Browser;
/** Every token that was sent in whatever way. */
const sent: string[] = [];

beforeAll(async () => {
  world = await openWorld();
  key = await SigningKey.create();
  const hosts = world.cluster.nodes.map(({ address }) => address);
  browser = await launchChromium({ extraHosts: hosts });
});

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});

afterAll(async () => {
  await browser?.close();
  await client?.close();
  await world?.cluster.kubectl("delete", "sse", NAME, "--ignore-not-found");
  await world?.cluster.kubectl("delete", "secret", KEYS, "--ignore-not-found");
});

async function sign(...spec: Parameters<SigningKey["sign"]>): Promise<string> {
  const token = await key.sign(...spec);
  sent.push(token);
  return token;
}

const condition = (type: string, field: string) =>
  world.read(`sse/${NAME}`, `{.status.conditions[?(@.type=="${type}")].${field}}`);

test("a Secret that is named and missing is told with the next step, and heals when it is there", async () => {
  await world.applyService(NAME, SPEC);
  await world.cluster.kubectl("wait", "--for=condition=Stalled", `sse/${NAME}`, "--timeout=60s");
  expect(await condition("ReferencesReady", "reason")).toBe("SecretMissing");
  expect(await condition("Ready", "message")).toContain(
    `"${KEYS}", which spec.access.jwt.keysSecretRef names,`,
  );

  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: KEYS, namespace: "default" } };
  await world.cluster.apply(JSON.stringify({ ...secret, stringData: { "key.pem": await key.pem() } }));
  await world.waitUntilReady(NAME);
  expect(await condition("ReferencesReady", "reason")).toBe("Found");
  url = await world.read(`sse/${NAME}`, "{.status.url}");
  client = await world.client(NAME);
});

describe("a client is refused, through nginx,", () => {
  const subscribe = (query: string): Promise<Answer> => client.request("GET", `/status${query}`);

  test("with 401 without a token, in both directions, and told how to ask", async () => {
    const answers = [await subscribe(""), await client.request("POST", "/submit", {}, "x")];
    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
    expect(answers.map(({ headers }) => headers["www-authenticate"])).toEqual([
      'Bearer realm="subscribe"',
      'Bearer realm="publish"',
    ]);
  });

  test("with 401 for a token of another issuer, and 403 for one of other topics", async () => {
    const answers = [
      await subscribe(`?access_token=${await sign({ issuer: "https://evil.example" })}`),
      await subscribe(`?topic=a&access_token=${await sign({ sse: { subscribe: ["b"] } })}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 403]);
    expect(answers.map(({ headers }) => headers["www-authenticate"])).toEqual([
      'Bearer realm="subscribe", error="invalid_token"',
      'Bearer realm="subscribe", error="insufficient_scope"',
    ]);
  });
});

describe("a browser's EventSource", () => {
  async function openPage(): Promise<{ context: BrowserContext; page: Page }> {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(url);
    return { context, page };
  }

  function setCookie(context: BrowserContext, value: string): Promise<void> {
    const { origin } = new URL(url);
    const safe = { httpOnly: true, secure: true, sameSite: "Strict" } as const;
    return context.addCookies([{ name: COOKIE, value, url: origin, ...safe }]);
  }

  /** An EventSource whose life is kept in `lives`: the data of its events, `open`, `again` and `closed`. */
  async function follow(page: Page, query = ""): Promise<void> {
    await page.evaluate(`
      window.life = [];
      const source = new EventSource("status${query}");
      source.onopen = () => life.push("open");
      source.onmessage = ({ data }) => life.push(data);
      source.onerror = () => life.push(source.readyState === EventSource.CLOSED ? "closed" : "again");`);
    await expect.poll(() => lifeOf(page)).toContain("open");
  }

  const lifeOf = (page: Page): Promise<string[]> => page.evaluate("life");

  test("is served with a token in its address, and ends for good when that expires", async () => {
    const { page } = await openPage();
    await follow(page, `?access_token=${await sign({ expiresInSeconds: 15 })}`);
    await client.publish("by query", { token: await sign() });
    await expect
      .poll(() => lifeOf(page), { timeout: 60_000 })
      .toEqual(["open", "by query", "again", "closed"]);
  });

  test("goes on by itself where the cookie was renewed before it expired", async () => {
    const { context, page } = await openPage();
    await setCookie(context, await sign({ expiresInSeconds: 15 }));
    await follow(page);
    await setCookie(context, await sign());
    const publish = "fetch('submit', { method: 'POST', body: 'by cookie' }).then(({ status }) => status)";
    expect(await page.evaluate(publish)).toBe(200);
    await expect
      .poll(() => lifeOf(page), { timeout: 60_000 })
      .toEqual(["open", "by cookie", "again", "open"]);
  });

  test("comes back with its token after the runtime was killed", async () => {
    const { page } = await openPage();
    await follow(page, `?access_token=${await sign()}`);
    await world.killContainer(PODS, "/app/runtime.mjs");
    await expect.poll(() => lifeOf(page), { timeout: 60_000 }).toContain("again");
    await world.waitUntilReady(NAME);
    await expect
      .poll(
        async () => {
          await client.publish("after the kill", { token: await sign() });
          return await lifeOf(page);
        },
        { timeout: 60_000, interval: 500 },
      )
      .toContain("after the kill");
    expect(await lifeOf(page)).not.toContain("closed");
  });
});

test("a stream ends with its token, and says so", async () => {
  const path = `/status?access_token=${await sign({ expiresInSeconds: 2 })}`;
  expect((await client.request("GET", path)).body).toMatch(/: end token_expired\n+$/);
});

test("no token is in any container's log, also not of the one that was killed", async () => {
  const logs = ["logs", "-l", `app.kubernetes.io/instance=${NAME}`, "--tail=-1"];
  const [pod = ""] = (await world.read(PODS, "{.items[*].metadata.name}")).split(" ");
  const written = [
    await world.cluster.kubectl(...logs, "--all-containers"),
    await world.cluster.kubectl("logs", pod, "-c", "runtime", "--previous"),
  ].join("\n");
  expect(written).toContain('"msg":"ready"');
  expect(sent.length).toBeGreaterThan(8);
  for (const token of sent) expect(written).not.toContain(token.split(".").at(-1));
  expect(written).not.toContain("access_token");
});
