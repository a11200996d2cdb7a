import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { writeWhole } from '../directory/write-whole.ts';
import type { Disk } from '../world/world.ts';
import { type Manifest, takeManifest } from './manifest.ts';

/** Instants of disks that the lab remembers, so that it can tell later what has changed since. */

export interface Instants {
  /** What a disk holds now; what is known of it from an earlier look is not read again. */
  look(key: string, disk: Disk): Manifest;
  keep(id: string, manifest: Manifest): void;
  find(id: string): Manifest | undefined;
  forget(id: string): void;
}

export function createInstants(lab: string, now: () => number): Instants {
  const home = path.join(lab, 'instants');
  const last = new Map<string, Manifest>();
  const kept = new Map<string, Manifest>();
  const file = (id: string): string => path.join(home, `${encodeURIComponent(id)}.json`);
  return {
    look(key, disk) {
      const manifest = takeManifest(disk, now(), last.get(key));
      last.set(key, manifest);
      return manifest;
    },
    keep(id, manifest) {
      mkdirSync(home, { recursive: true });
      writeWhole(file(id), JSON.stringify(manifest), 0o600);
      kept.set(id, manifest);
    },
    find(id) {
      const known = kept.get(id);
      if (known !== undefined || !existsSync(file(id))) return known;
      // The lab itself wrote this file, whole.
      const manifest: Manifest = JSON.parse(readFileSync(file(id), 'utf8'));
      kept.set(id, manifest);
      return manifest;
    },
    forget(id) {
      kept.delete(id);
      rmSync(file(id), { force: true });
    },
  };
}
