import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readKeeper } from '../../../../src/sync/consistency/keeper-lines.ts';
import { labelOf, type Reading } from '../../../../src/sync/consistency/label.ts';
import { parseSnapshots } from '../../../../src/sync/consistency/leftovers.ts';

describe('the label of a pass', () => {
  const reading = (from: Reading['from'], atRest = false): Reading => ({ from, atRest });

  it('is what the weakest file system was worth', () => {
    const label = (...readings: Reading[]) => labelOf({ quiet: false, readings });
    expect(label()).toBe('smeared');
    expect(label(reading('live'))).toBe('smeared');
    expect(label(reading('snapshot'), reading('still'))).toBe('crash');
    expect(label(reading('snapshot'), reading('live'))).toBe('smeared');
    expect(label(reading('snapshot', true), reading('snapshot'))).toBe('crash');
    expect(label(reading('live', true), reading('snapshot', true))).toBe('application');
    expect(labelOf({ quiet: true, readings: [] })).toBe('application');
  });

  it('is never better than any of them alone', () => {
    const one = fc.record({ from: fc.constantFrom('snapshot', 'still', 'live'), atRest: fc.boolean() });
    const order = ['smeared', 'crash', 'filesystem', 'application'];
    fc.assert(
      fc.property(fc.array(one, { minLength: 1 }), readings => {
        const all = order.indexOf(labelOf({ quiet: false, readings }));
        for (const each of readings)
          expect(all).toBeLessThanOrEqual(order.indexOf(labelOf({ quiet: false, readings: [each] })));
      }),
    );
  });
});

describe('what the keeper tells', () => {
  it('hooks with their output, snapshots with their instant, and how it ended', () => {
    const told = readKeeper(
      [
        'after 0 12',
        'begun 1000',
        'before 0 40',
        'say before locked \u001b[31mtables',
        'taken 0 1700000000123',
        'failed 1   No space: 3 < 5 ',
        'ready 1700000000200',
        'after 3 7',
        'say after no such lock',
        'still 2',
        'full 0',
        'removed vg0/landfall-storm-p1-0',
        'stuck /mnt/x target is busy.',
        'why full',
        'end',
        '',
      ].join('\n'),
    );
    expect(told.hooks).toEqual([
      { moment: 'after', code: 0, ms: 12, output: [], owed: true, atEnd: false },
      { moment: 'before', code: 0, ms: 40, output: ['locked \\x1b[31mtables'], owed: false, atEnd: false },
      { moment: 'after', code: 3, ms: 7, output: ['no such lock'], owed: false, atEnd: true },
    ]);
    expect([...told.taken]).toEqual([[0, 1_700_000_000_123]]);
    expect([...told.failed]).toEqual([[1, 'No space: 3 < 5']]);
    expect(told).toMatchObject({ ready: true, why: 'full', ended: true, stuck: ['/mnt/x target is busy.'] });
    expect([[...told.full], [...told.still]]).toEqual([[0], [2]]);
  });

  it('a line that is still being written says nothing yet', () => {
    expect(readKeeper('ready 1\nen').ended).toBe(false);
    expect(readKeeper('ready 1\nend').ended).toBe(false);
    expect(readKeeper('read').ready).toBe(false);
  });

  it('reads whatever bytes come without failing', () => {
    fc.assert(fc.property(fc.string(), text => void readKeeper(text)));
  });
});

it('only names that landfall gives are its snapshots', () => {
  expect(
    parseSnapshots(
      [
        'lvm vg0/landfall-storm-p3-0',
        'lvm vg0/landfall-storm-p2-p11-2',
        'lvm vg0/landfall-data',
        'lvm vg0/root',
        'zfs tank/data@landfall-storm-p1-0',
        'zfs tank/data@daily',
        'btrfs /srv/.landfall-storm-p4-1',
        'nfs x/landfall-storm-p3-0',
      ].join('\n'),
    ).map(({ kind, evacuation, pass }) => [kind, evacuation, pass]),
  ).toEqual([
    ['lvm', 'storm', 3],
    ['lvm', 'storm-p2', 11],
    ['zfs', 'storm', 1],
    ['btrfs', 'storm', 4],
  ]);
});
