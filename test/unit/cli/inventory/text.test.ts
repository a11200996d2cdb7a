import { describe, expect, it } from 'vitest';
import { inventoryJson } from '../../../../src/cli/inventory/json.ts';
import { inventoryText } from '../../../../src/cli/inventory/text.ts';
import { createStyle } from '../../../../src/cli/style.ts';
import { inventoryOf } from '../../../../src/reports/inventory/inventory.ts';
import { HOUR } from '../../../support/state.ts';
import { ESTATE, looked } from '../../reports/inventory/estate.ts';

const textAfter = (after: number, width = 120): string => {
  const story = looked();
  const now = story.now + after;
  const inventory = inventoryOf(story.view, now, ESTATE);
  return inventoryText(story.view, inventory, { now, machines: [], style: createStyle(false, false), width });
};

describe('what landfall inventory prints', () => {
  it('begins with what has to be settled, each with reason, evidence and what to do', () => {
    const lines = textAfter(60e3).split('\n');
    expect(lines[0]).toBe('[x] 9 things to settle, 2 of them critical; 1 note');
    expect(lines.slice(2, 6)).toEqual([
      '[x] web1 talks to 10.20.0.99:6379, which nobody moves (1m00s ago)',
      '    because it goes down with the source site',
      '    | php-fpm to 10.20.0.99:6379, in 4 of 4 looks',
      '    next: name it under external: in the plan',
    ]);
  });

  it('shows hypervisors and SQL Servers with the age of what is known', () => {
    const text = textAfter(60e3);
    expect(text).toMatch(/^mia-kvm1 +not seen yet$/m);
    expect(text).toContain('sql1:1433: MIA-SQL1, SQL Server 15.0.4355, Standard Edition, seen 1m00s ago');
    expect(text).toContain('leaves     Orders: 50.0 GB, FULL recovery, ONLINE');
    expect(text).toContain('2 jobs, 1 of them failing');
  });

  it('what is stale says so at every place', () => {
    const text = textAfter(8 * HOUR);
    expect(text.match(/8h00m ago: stale/g)?.length).toBeGreaterThan(8);
  });

  it('wraps findings below themselves, and leaves a command in one piece', () => {
    const lines = textAfter(60e3, 50).split('\n');
    const settled = lines.slice(
      0,
      lines.findIndex(each => each.startsWith('machine ')),
    );
    const wide = settled.filter(each => each.length > 50);
    expect(wide.map(each => each.trim())).toEqual([]);
    expect(lines).toContain('    next: GRANT VIEW SERVER STATE TO [repl]');
  });

  it('carries no colour and no control character where none may be', () => {
    expect(textAfter(0)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });
});

describe('what programs get', () => {
  it('has its version, everything that was seen, and null where nobody looked', () => {
    const story = looked();
    const inventory = inventoryOf(story.view, story.now, ESTATE);
    const json = JSON.parse(
      JSON.stringify(inventoryJson(story.view, inventory, { now: story.now, machines: [] })),
    );
    expect(json).toMatchObject({
      v: 1,
      type: 'inventory',
      evacuation: 'miami-to-dallas',
      machines: { web1: { guest: { hostname: 'web1' } }, old1: null },
      surveyed: { web1: { shares: [{ mountpoint: '/mnt/legacy' }] }, old1: null },
      servers: { 'sql1:1433': { name: 'MIA-SQL1', planned: ['Orders'] } },
      ages: { web1: { stale: false }, old1: null },
      dependencies: { findings: [{ check: 'depends-10.20.0.99-6379' }] },
      drift: [{ id: 'unlisted-domain:legacy-cron' }],
    });
    expect(json.findings[0]).toMatchObject({ severity: 'critical', seen: '0.0s ago' });
  });
});
