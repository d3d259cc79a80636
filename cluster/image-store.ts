/** A node's store of images, by containerd's own client. */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./commands.ts";
import { layOutArchive, readSavedImage, type SavedImage } from "./saved-images.ts";

export interface ImageStore {
  /** Takes images into the store; what it has already costs nothing. */
  import(images: readonly SavedImage[]): Promise<void>;
}

/** `ctr` are the words before a subcommand; `folder` is for what is needed only for a moment. */
export function createImageStore(ctr: () => Promise<readonly string[]>, folder: string): ImageStore {
  return {
    import: async (images) => {
      const command = await ctr();
      const known = parseImageList(await run([...command, "images", "list"]));
      const contents = await Promise.all(images.map(readSavedImage));
      const wanted = contents.filter((image) => known.get(image.name) !== image.manifestDigest);
      if (wanted.length === 0) return;
      const present = new Set((await run([...command, "content", "list", "--quiet"])).split("\n"));
      const layout = await mkdtemp(join(folder, "import-"));
      try {
        await layOutArchive(layout, wanted, present);
        const send = 'tar --dereference -C "$0" -cf - . | "$@"';
        await run(["sh", "-c", send, layout, ...command, "images", "import", "-"]);
      } finally {
        await rm(layout, { recursive: true, force: true });
      }
    },
  };
}

/** Name -> digest, from the table that `ctr images list` prints. */
export function parseImageList(table: string): ReadonlyMap<string, string> {
  const rows = table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  return new Map(rows.flatMap(([name, , digest]) => (name && digest ? [[name, digest] as const] : [])));
}
