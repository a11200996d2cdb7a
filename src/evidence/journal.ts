import { Chain, type ChainHead } from '../journal/chain.ts';
import { decodeEvent } from '../journal/codec.ts';
import type { Event } from '../journal/events.ts';
import { Folding } from '../journal/fold.ts';
import type { State } from '../journal/state.ts';

/** A journal in memory, as far as it can be read. */
export interface Journal {
  readonly events: readonly Event[];
  readonly state: State;
  readonly head: ChainHead;
  /** The head after each line. */
  readonly heads: readonly string[];
  readonly fault?: { readonly line: number; readonly reason: string };
}

export function readJournal(bytes: Uint8Array): Journal {
  const events: Event[] = [];
  const heads: string[] = [];
  const folding = new Folding();
  let fault: Journal['fault'];
  const chain = new Chain(({ head, upTo }, line) => {
    heads.push(head);
    if (fault !== undefined) return;
    const decoded = decodeEvent(line);
    if (!decoded.ok) fault = { line: upTo, reason: decoded.reason };
    else if (decoded.event.seq !== upTo) fault = { line: upTo, reason: `it has number ${decoded.event.seq}` };
    else {
      events.push(decoded.event);
      folding.add(decoded.event);
    }
  });
  chain.push(bytes);
  if (fault === undefined && chain.bytes !== bytes.length)
    fault = { line: heads.length + 1, reason: 'it is not whole' };
  if (fault === undefined && heads.length === 0) fault = { line: 1, reason: 'there is none' };
  const { state } = folding;
  return { events, state, head: chain.current, heads, ...(fault === undefined ? {} : { fault }) };
}
