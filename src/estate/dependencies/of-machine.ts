import type { MachineState } from '../../journal/state.ts';
import type { MachinePlan } from '../../plan/schema.ts';
import type { AddressBook } from './address-book.ts';
import { Collected, type Told } from './collected.ts';
import { needsOf } from './needs.ts';

/**
 * One machine: whom it was seen to use, what its configuration names, addresses that stand in its files, and strangers
 * at the source site who use it.
 */
export function ofMachine(
  name: string,
  wanted: MachinePlan,
  machine: MachineState | undefined,
  book: AddressBook,
): Told {
  const told = new Collected(name, book);
  for (const other of wanted.after) told.planned(other);
  for (const need of needsOf(machine)) told.need(need);
  const { surveyed } = machine ?? {};
  const seenAt = surveyed?.at ?? 0;
  for (const { file, line, address, setting } of surveyed?.hardAddresses ?? [])
    told.written(address, {
      via: 'address-in-file',
      evidence: `${file} line ${line} has ${address}${setting === undefined ? '' : ` (${setting})`}`,
      seenAt,
    });
  for (const { address, names } of surveyed?.staticNames ?? [])
    told.written(address, {
      via: 'static-name',
      evidence: `/etc/hosts says that ${names.slice(0, 3).join(', ')} is ${address}`,
      seenAt,
    });
  for (const share of surveyed?.shares ?? [])
    if (share.undocumented === true) told.byHand(share.mountpoint, `${share.server}:${share.path}`, seenAt);
  for (const peer of Object.values(machine?.peers ?? {}))
    if (peer.direction === 'in')
      told.client(peer.address, peer.port, {
        evidence: `${peer.address} uses its port ${peer.port}${peer.process === undefined ? '' : ` (${peer.process})`}, in ${peer.seen} of ${Math.max(machine?.peerSamples ?? 0, peer.seen)} looks`,
        seenAt: peer.lastAt,
      });
  return told.told();
}
