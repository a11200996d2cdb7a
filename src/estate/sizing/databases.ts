import { get } from '../../journal/maps.ts';
import type { View } from '../../step/step.ts';
import type { DatabaseSize } from './shape.ts';

/**
 * What a database holds: as its assessment saw it, or the look at its whole server, whichever is newer. Undefined where
 * neither did. What still travels is what its lane was forecast to send, otherwise all of it; nothing once it follows.
 */
export function databaseSize({ state }: Pick<View, 'state'>, name: string): DatabaseSize | undefined {
  const known = get(state.databases, name);
  const seen = [
    ...Object.values(state.servers ?? {}).flatMap(({ at, planned, databases }) =>
      planned.includes(name)
        ? databases.filter(each => each.name === name).map(({ dataBytes }) => ({ bytes: dataBytes, at }))
        : [],
    ),
    ...(known?.assessed?.publisher.database === undefined
      ? []
      : [{ bytes: known.assessed.publisher.database.dataBytes, at: known.assessed.at }]),
  ].toSorted((a, b) => b.at - a.at)[0];
  if (seen === undefined) return undefined;
  const lane = known?.lane?.lane;
  const forecast = known?.planned?.lanes.find(each =>
    lane === undefined ? each.verdict === 'recommended' : each.lane === lane,
  );
  const leftBytes = known?.released === undefined ? (forecast?.bytes ?? seen.bytes) : 0;
  return { name, bytes: seen.bytes, leftBytes, seenAt: seen.at };
}
