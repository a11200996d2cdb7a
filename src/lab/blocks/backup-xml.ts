import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';

/** The two descriptions that `virsh backup-begin` takes, as libvirt understands them. */

const diskSchema = z.object({
  name: z.string(),
  backup: z.enum(['yes', 'no']).default('yes'),
  type: z.string().default('file'),
  exportname: z.string().optional(),
  exportbitmap: z.string().optional(),
  incremental: z.string().optional(),
  target: z.object({ file: z.string() }).optional(),
  scratch: z.object({ file: z.string() }).optional(),
  driver: z.object({ type: z.string().default('qcow2') }).optional(),
});
const backupSchema = z.object({
  domainbackup: z.object({
    mode: z.enum(['push', 'pull']).default('push'),
    incremental: z.string().optional(),
    server: z.object({ transport: z.string(), socket: z.string().optional() }).optional(),
    disks: z.object({ disk: z.array(diskSchema).default([]) }).optional(),
  }),
});
const checkpointSchema = z.object({
  domaincheckpoint: z.object({
    name: z.string(),
    description: z.string().optional(),
    disks: z
      .object({
        disk: z
          .array(z.object({ name: z.string(), checkpoint: z.enum(['bitmap', 'no']).default('bitmap') }))
          .default([]),
      })
      .optional(),
  }),
});

export interface WantedDisk {
  readonly name: string;
  readonly isTaken: boolean;
  /** Where a push writes. */
  readonly target: string | undefined;
  readonly scratch: string | undefined;
  readonly exportName: string;
  readonly exportBitmap: string | undefined;
}
export interface WantedBackup {
  readonly mode: 'push' | 'pull';
  readonly incremental: string | undefined;
  readonly socket: string | undefined;
  /** Undefined: all of the domain's. */
  readonly disks: readonly WantedDisk[] | undefined;
}
export interface WantedCheckpoint {
  readonly name: string;
  /** Undefined: all of the domain's. */
  readonly disks: readonly { readonly name: string; readonly isTracked: boolean }[] | undefined;
}

export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

function read<T>(xml: string, schema: z.ZodType<T>, what: string): Read<T> {
  const valid = XMLValidator.validate(xml);
  if (valid !== true) return { ok: false, why: `(${what}):${valid.err.line}: ${valid.err.msg}` };
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseTagValue: false,
    isArray: (_name, path) => String(path).endsWith('.disks.disk'),
  });
  const parsed = schema.safeParse(parser.parse(xml));
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  return {
    ok: false,
    why: `XML error: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`,
  };
}

export function readBackup(xml: string): Read<WantedBackup> {
  const found = read(xml, backupSchema, 'domain_backup');
  if (!found.ok) return found;
  const { mode, incremental, server, disks } = found.value.domainbackup;
  return {
    ok: true,
    value: {
      ...{ mode, incremental, socket: server?.socket },
      disks: disks?.disk.map(({ name, backup, target, scratch, exportname, exportbitmap }) => ({
        ...{ name, isTaken: backup === 'yes', target: target?.file, scratch: scratch?.file },
        ...{ exportName: exportname ?? name, exportBitmap: exportbitmap },
      })),
    },
  };
}

export function readCheckpoint(xml: string): Read<WantedCheckpoint> {
  const found = read(xml, checkpointSchema, 'domain_checkpoint');
  if (!found.ok) return found;
  const { name, disks } = found.value.domaincheckpoint;
  return {
    ok: true,
    value: {
      name,
      disks: disks?.disk.map(one => ({ name: one.name, isTracked: one.checkpoint === 'bitmap' })),
    },
  };
}
