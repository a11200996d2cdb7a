import type { Instance } from '../../server/instance.ts';

/** What the log reader makes of an answer of sp_replcmds. */

export interface ReadTransaction {
  readonly seqno: Uint8Array;
  readonly xactId: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly committed: number;
  readonly commands: readonly {
    readonly id: number;
    readonly article: number;
    readonly type: number;
    readonly partial: boolean;
    readonly bytes: Uint8Array;
    readonly originator: string | null;
  }[];
}

export interface Batch {
  readonly transactions: readonly ReadTransaction[];
  /** LSN up to which the log was read; undefined where nothing is to be marked. */
  readonly upTo: Uint8Array | undefined;
}

/** Transaction by transaction; what is younger than the agent's delay stays for the next turn. */
export function readBatch(
  rows: readonly Readonly<Record<string, unknown>>[],
  { clock, pace }: Instance,
): Batch {
  const delay = pace?.logReaderDelayMs ?? 0;
  const found: (ReadTransaction & { readonly commands: ReadTransaction['commands'][number][] })[] = [];
  let upTo: Uint8Array | undefined;
  for (const row of rows) {
    const seqno = bytesOf(row['xact_seqno']);
    const type = Number(row['command_type']);
    // The last row says how far the log was read.
    if (type === 0) {
      upTo = seqno;
      continue;
    }
    const committed = row['committed'] instanceof Date ? row['committed'].getTime() : 0;
    if (clock.now() - committed < delay) {
      upTo = found.at(-1)?.seqno;
      break;
    }
    let current = found.at(-1);
    if (current === undefined || Buffer.compare(current.seqno, seqno) !== 0) {
      current = { seqno, xactId: bytesOf(row['xactid']), committed, commands: [] };
      found.push(current);
    }
    current.commands.push({
      ...{ id: Number(row['command_id']), article: Number(row['article id']), type },
      ...{ partial: row['partial_command'] === true, bytes: bytesOf(row['command']) },
      originator: typeof row['originator'] === 'string' ? row['originator'] : null,
    });
  }
  return { transactions: found, upTo };
}

const bytesOf = (value: unknown): Uint8Array => (value instanceof Uint8Array ? value : new Uint8Array(0));
