import type { Recovery } from './entry.ts';

/** The worksheets of some machines; what is left out is named in them, so that nobody takes a part for the whole. */
export function onlyMachines(recovery: Recovery, machines: readonly string[]): Recovery {
  if (machines.length === 0) return recovery;
  const isMeant = ({ kind, name }: Recovery['entries'][number]): boolean =>
    kind === 'machine' && machines.includes(name);
  return {
    entries: recovery.entries.filter(isMeant),
    leftOut: recovery.entries.filter(each => !isMeant(each)).map(({ name }) => name),
  };
}
