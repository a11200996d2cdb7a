import type { SimHost } from '../../world/world.ts';
import { type Found, findImage, type QemuImgParts } from './places.ts';

/** What lies below an image. */

export interface Chained {
  /** The image itself first. */
  readonly images: readonly Found[];
  /** The file that could not be opened. */
  readonly missing: { readonly file: string; readonly why: string } | undefined;
}

export function chainOf(parts: QemuImgParts, host: SimHost, top: Found, isShared: boolean): Chained {
  const images: Found[] = [top];
  for (let { backing } = top; backing !== null; ) {
    const { file } = backing;
    const below = findImage(parts, host, file);
    if (below === undefined)
      return { images, missing: { file, why: `Could not open '${file}': No such file or directory` } };
    if (below === 'damaged') return { images, missing: { file, why: 'Image is not in qcow2 format' } };
    if (below.isLocked && !isShared) {
      const why = `Failed to get shared "write" lock\nIs another process using the image [${file}]?`;
      return { images, missing: { file, why } };
    }
    images.push(below);
    ({ backing } = below);
  }
  return { images, missing: undefined };
}
