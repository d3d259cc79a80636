import { mkdtemp, rename, rm, symlink, mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTokenGuard, digestToken } from "./auth.ts";
import { openTokenDirectory } from "./token-directory.ts";

describe("the token guard", () => {
  const guard = createTokenGuard(() => ["old", "new"].map(digestToken));

  test.each(["Bearer old", "Bearer new", "bearer new", "BEARER  new "])("%j may publish", (authorization) => {
    expect(guard({ authorization })).toHaveProperty("mayPublish");
  });

  test("no token is 401 with a challenge", () => {
    expect(guard({})).toMatchObject({
      status: 401,
      code: "token_missing",
      field: "authorization",
      headers: { "www-authenticate": 'Bearer realm="publish"' },
    });
  });

  test.each(["Bearer other", "Bearer ", "Basic new", "new", "Bearer new other", ""])(
    "%j is 401",
    (authorization) => {
      expect(guard({ authorization })).toMatchObject({
        status: 401,
        code: "token_invalid",
        headers: { "www-authenticate": 'Bearer realm="publish", error="invalid_token"' },
      });
    },
  );

  test("without any token nobody may publish", () => {
    expect(createTokenGuard(() => [])({ authorization: "Bearer x" })).toMatchObject({ status: 401 });
  });
});

describe("the token directory", () => {
  let directory: string;
  let errors: unknown[];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "tokens-"));
    errors = [];
  });
  afterEach(() => rm(directory, { recursive: true }));

  const open = async (path = directory) => {
    const tokens = await openTokenDirectory(path, (error) => errors.push(error));
    tokens.close();
    const guard = createTokenGuard(tokens.digests);
    return {
      ...tokens,
      accepts: (token: string) => "mayPublish" in guard({ authorization: `Bearer ${token}` }),
    };
  };

  test("holds one token a file; line ends around it do not count, empty files not at all", async () => {
    await writeFile(join(directory, "a"), "first\n");
    await writeFile(join(directory, "b"), "second");
    await writeFile(join(directory, "empty"), "\n");
    await writeFile(join(directory, ".hidden"), "hidden");
    const { accepts, digests } = await open();
    expect(["first", "second", "hidden", ""].map(accepts)).toEqual([true, true, false, false]);
    expect(digests()).toHaveLength(2);
  });

  test("a Secret that is replaced as Kubernetes does it is read anew", async () => {
    await mkdir(join(directory, "..1"));
    await writeFile(join(directory, "..1", "token"), "old");
    await symlink("..1", join(directory, "..data"));
    await symlink("..data/token", join(directory, "token"));
    const tokens = await open();
    expect(tokens.accepts("old")).toBe(true);
    await mkdir(join(directory, "..2"));
    await writeFile(join(directory, "..2", "token"), "new");
    await symlink("..2", join(directory, "..data_tmp"));
    await rename(join(directory, "..data_tmp"), join(directory, "..data"));
    await tokens.reload();
    expect(["old", "new"].map(tokens.accepts)).toEqual([false, true]);
  });

  test("while it cannot be read, the tokens stay, and the failure is told once", async () => {
    await mkdir(join(directory, "tokens"));
    await writeFile(join(directory, "tokens", "a"), "token");
    const tokens = await open(join(directory, "tokens"));
    await rename(join(directory, "tokens"), join(directory, "away"));
    await tokens.reload();
    await tokens.reload();
    expect(tokens.accepts("token")).toBe(true);
    expect(errors).toHaveLength(1);
    await rename(join(directory, "away"), join(directory, "tokens"));
    await tokens.reload();
    await rm(join(directory, "tokens"), { recursive: true });
    await tokens.reload();
    expect(errors).toHaveLength(2);
  });
});
