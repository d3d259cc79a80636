/** The shipped manifests with other images in them, as an overlay would set them. Pure. */

/** Replaces whole image names; one that the manifest does not hold is a mistake of whoever asked. */
export function replaceImages(manifest: string, images: ReadonlyMap<string, string>): string {
  let result = manifest;
  for (const [released, replacement] of images) {
    const pattern = new RegExp(`(?<=[\\s"'])${escapePattern(released)}(?=["'\\s]|$)`, "gm");
    if (!pattern.test(result))
      throw new Error(`Cannot replace image "${released}": the manifest does not use it`);
    result = result.replaceAll(pattern, () => replacement);
  }
  return result;
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
