import { z } from 'zod';
import { jsonOrUndefined } from './block-devices.ts';

/** findmnt's answer as flat rows, parents before children. */

export const FINDMNT: readonly [string, ...string[]] = [
  'findmnt',
  '-J',
  '-b',
  '--real',
  '-o',
  'TARGET,SOURCE,FSTYPE,UUID,LABEL,SIZE,USED',
];

/**
 * The same without sizes: nothing is asked of the file systems themselves, so that a share whose server is dead holds
 * nobody up. Sizes and bytes used are zero in its rows.
 */
export const MOUNTED: readonly [string, ...string[]] = [
  'findmnt',
  '-J',
  '--real',
  '-o',
  'TARGET,SOURCE,FSTYPE,UUID',
];

export interface MountRow {
  readonly target: string;
  readonly source: string;
  readonly fstype: string;
  readonly uuid: string | undefined;
  readonly label: string | undefined;
  readonly size: number;
  readonly used: number;
}

const text = z.string().nullish();
const bytes = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).nullish();

const node = z.object({
  target: z.string(),
  source: text,
  fstype: text,
  uuid: text,
  label: text,
  size: bytes,
  used: bytes,
  get children() {
    return z.array(node).optional();
  },
});
const answer = z.object({ filesystems: z.array(node) });
type Node = z.output<typeof node>;

/** Undefined where the text is no answer of `findmnt -J`. */
export function parseFindmnt(json: string): MountRow[] | undefined {
  const parsed = answer.safeParse(jsonOrUndefined(json));
  if (!parsed.success) return undefined;
  const rows: MountRow[] = [];
  const walk = (nodes: readonly Node[]): void => {
    for (const item of nodes) {
      rows.push({
        target: item.target,
        source: item.source ?? '',
        fstype: item.fstype ?? '',
        uuid: item.uuid ?? undefined,
        label: item.label ?? undefined,
        size: item.size ?? 0,
        used: item.used ?? 0,
      });
      walk(item.children ?? []);
    }
  };
  walk(parsed.data.filesystems);
  return rows;
}

/** `/proc/mounts`: device, mount point and type, with the kernel's octal escapes undone; no sizes. */
export function parseProcMounts(mounts: string): MountRow[] {
  const rows: MountRow[] = [];
  for (const line of mounts.split('\n')) {
    const [source, target, fstype] = line.split(' ').map(unescapeOctal);
    if (source === undefined || target === undefined || fstype === undefined) continue;
    rows.push({ source, target, fstype, uuid: undefined, label: undefined, size: 0, used: 0 });
  }
  return rows;
}

export function unescapeOctal(value: string): string {
  return value.replace(/\\([0-7]{3})/g, (_all, code: string) =>
    String.fromCharCode(Number.parseInt(code, 8)),
  );
}
