import { unsupported } from '../errors.ts';
import { type Collation, collation, collationNames } from '../values/index.ts';

let names: ReadonlyMap<string, string> | undefined;

const keyOf = (wire: Uint8Array): string => Buffer.from(wire).toString('hex');

function namesByWire(): ReadonlyMap<string, string> {
  if (names !== undefined) return names;
  const found = new Map<string, string>();
  for (const name of collationNames()) {
    const key = keyOf(collation(name).wire);
    if (!found.has(key)) found.set(key, name);
  }
  names = found;
  return found;
}

/** Five bytes of a TYPE_INFO as the collation they mean; `own` is the session's, and what five zeros stand for. */
export function collationOf(wire: Uint8Array, own: Collation): Collation {
  if (wire.every(byte => byte === 0) || Buffer.compare(wire, own.wire) === 0) return own;
  const name = namesByWire().get(keyOf(wire));
  if (name === undefined) throw unsupported(`the collation with the bytes ${keyOf(wire)}`);
  return collation(name);
}
