import { expect, test } from "vitest";
import { parseImageList } from "./image-store.ts";

test("names and digests are read from containerd's table", () => {
  const table = `REF                  TYPE                        DIGEST        SIZE     PLATFORMS   LABELS
localhost/nginx:1.26 application/vnd.oci.image   sha256:aaaa   86.0 MiB linux/amd64 io.cri-containerd.image=managed
localhost/pause:1    application/vnd.oci.image   sha256:bbbb   1.4 MiB  linux/amd64 -
`;
  expect(parseImageList(table)).toEqual(
    new Map([
      ["localhost/nginx:1.26", "sha256:aaaa"],
      ["localhost/pause:1", "sha256:bbbb"],
    ]),
  );
  expect(parseImageList("REF TYPE DIGEST SIZE PLATFORMS LABELS\n").size).toBe(0);
});
