import { existsSync, readFileSync } from 'node:fs';
import { writeWhole } from '../../directory/write-whole.ts';
import type { DatabaseFacts } from './database-state.ts';
import type { DatabaseOptions, ServerAddress } from './instance.ts';
import type { ServerPermission, ServerPrincipal } from './principals.ts';

/** What master keeps of the server: databases, logins, options, linked servers. */
export interface ServerRecord {
  readonly databases: readonly DatabaseRecord[];
  readonly principals: readonly ServerPrincipal[];
  readonly permissions: readonly ServerPermission[];
  readonly configuration: Readonly<Record<string, number>>;
  readonly servers: readonly ServerAddress[];
}

export interface DatabaseRecord {
  readonly name: string;
  readonly facts: DatabaseFacts;
  readonly options: DatabaseOptions;
  /** Of a database snapshot. */
  readonly snapshotOf?: string;
}

/** undefined where the server has never run. */
export function readServer(file: string): ServerRecord | undefined {
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  // Written by writeServer alone, whole or not at all.
  const record: ServerRecord = JSON.parse(text, revive);
  return record;
}

export function writeServer(file: string, record: ServerRecord): void {
  writeWhole(file, JSON.stringify(record, replace, 1));
}

/** Bytes and maps have no form of their own in JSON. */
function replace(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('hex') };
  if (value instanceof Map) return { $map: [...value] };
  return value;
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$bytes' in value && typeof value.$bytes === 'string')
    return new Uint8Array(Buffer.from(value.$bytes, 'hex'));
  if ('$map' in value && Array.isArray(value.$map)) return new Map(value.$map);
  return value;
}
