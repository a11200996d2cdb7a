import { formatDuration } from '../foundation/units.ts';
import { type Block, heading, list, table } from './document/blocks.ts';
import { instant } from './render.ts';
import type { Report } from './shape.ts';

/** What was seen of names, clocks and credentials, and where plan and journal are mirrored. */
export function around(report: Report): Block[] {
  return [...surroundings(report), ...mirrors(report)];
}

function surroundings({ surroundings: seen }: Report): Block[] {
  if (seen === undefined) return [];
  const { records, clocks, credentials, at } = seen;
  const blocks = [
    ...(records.length === 0
      ? []
      : [
          table(
            `Names as the resolver answered, ${instant(at)}`,
            ['record', 'type', 'answers', 'TTL'],
            records.map(({ name, recordType, answers, ttl, trouble }) => [
              name,
              recordType,
              trouble ?? (answers.join(', ') || 'no answer'),
              ttl === undefined ? '-' : formatDuration(ttl * 1000),
            ]),
          ),
        ]),
    ...(clocks.length === 0
      ? []
      : [
          table(
            `Clocks against this machine's, ${instant(at)}`,
            ['host', 'ahead by', 'synchronised'],
            clocks.map(({ host, offsetMs, withinMs, synchronised, trouble }) => [
              host,
              trouble ??
                (offsetMs === undefined
                  ? 'not known'
                  : `${formatDuration(offsetMs)}${withinMs === undefined ? '' : ` (within ${formatDuration(withinMs)})`}`),
              synchronised === undefined ? 'not known' : synchronised ? 'yes' : 'no',
            ]),
          ),
        ]),
    ...list(
      credentials.map(
        ({ name, usable, trouble }) =>
          `${usable ? '✔' : '✖'} credential ${name}: ${usable ? 'it could be read' : (trouble ?? 'it could not be read')}`,
      ),
    ),
  ];
  return blocks.length === 0 ? [] : [heading(2, 'Names, clocks and credentials'), ...blocks];
}

function mirrors({ evacuation: { mirrors: all, lastSeq } }: Report): Block[] {
  const known = Object.entries(all ?? {});
  if (known.length === 0) return [];
  return [
    heading(2, 'Mirrors at the target site'),
    table(
      'Copies of plan and journal, for the day on which this machine is lost, too',
      ['hypervisor', 'path', 'up to event', 'behind', 'written', 'trouble'],
      known.map(([hypervisor, { path, upTo, at, trouble }]) => [
        hypervisor,
        path === '' ? 'never written' : path,
        String(upTo),
        String(Math.max(0, lastSeq - upTo)),
        at === 0 ? '-' : instant(at),
        trouble === undefined ? 'none' : `${trouble.why} (${instant(trouble.at)})`,
      ]),
    ),
  ];
}
