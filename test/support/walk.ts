import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** An independent look at a tree: one line a name, with everything that a copy must keep. Names are latin1. */
export function walk(root: string): Map<string, string> {
  const found = new Map<string, string>();
  const firstOf = new Map<number, string>();
  const visit = (place: Buffer, name: string): void => {
    const stat = lstatSync(place, { bigint: true });
    const common = `${stat.mode.toString(8)} ${stat.uid}:${stat.gid} ${stat.mtimeNs}`;
    if (stat.isSymbolicLink()) {
      found.set(name, `${common} -> ${readlinkSync(place, { encoding: 'latin1' })}`);
    } else if (stat.isDirectory()) {
      found.set(name, common);
      const names = readdirSync(place, { encoding: 'buffer' }).sort(Buffer.compare);
      for (const inner of names)
        visit(Buffer.concat([place, Buffer.from('/'), inner]), `${name}/${inner.toString('latin1')}`);
    } else if (stat.isFile()) {
      const twin = stat.nlink > 1n ? (firstOf.get(Number(stat.ino)) ?? name) : '';
      firstOf.set(Number(stat.ino), twin);
      const hash = createHash('sha256').update(readFileSync(place)).digest('hex');
      found.set(name, `${common} ${stat.size} ${hash} ${twin}`);
    } else {
      found.set(name, common);
    }
  };
  visit(Buffer.from(root), '');
  return found;
}

export function differences(a: Map<string, string>, b: Map<string, string>): string[] {
  const names = new Set([...a.keys(), ...b.keys()]);
  return [...names]
    .filter(name => a.get(name) !== b.get(name))
    .map(name => `${JSON.stringify(name)}\n  ${a.get(name)}\n  ${b.get(name)}`);
}

/** Extended attributes of a tree in getfattr's own words; undefined where it is not installed. */
export function attributes(root: string): string | undefined {
  const { status, stdout } = spawnSync('getfattr', ['-R', '-d', '-h', '.'], { cwd: root });
  return status === 0 ? stdout.toString('latin1') : undefined;
}
