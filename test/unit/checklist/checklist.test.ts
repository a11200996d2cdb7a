import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Checklist, checklistOf, SECTIONS } from '../../../src/checklist/index.ts';
import { Story, T0 } from '../../support/state.ts';
import { anyPlan, shop } from './plans.ts';

const ids = ({ items }: Checklist): string[] => items.map(({ id }) => id);

/** What has to be done before an item, directly or by the way. */
function allNeeds({ items }: Checklist, id: string): Set<string> {
  const found = new Set<string>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for (const need of items.find(item => item.id === next)?.needs ?? []) {
      if (!found.has(need)) open.push(need);
      found.add(need);
    }
  return found;
}

describe('the checklist of the cutover', () => {
  it('is for any plan a list of distinct items, each behind all that it needs, sections in order', () => {
    fc.assert(
      fc.property(anyPlan, fc.boolean(), fc.boolean(), (plan, dark, begun) => {
        const story = new Story(plan);
        if (begun) story.begin();
        const list = checklistOf(story.view, T0, { dark });
        expect(new Set(ids(list)).size).toBe(list.items.length);
        const before = new Set<string>();
        for (const { id, needs } of list.items) {
          expect(needs.filter(need => !before.has(need))).toEqual([]);
          before.add(id);
        }
        const places = list.items.map(({ section }) => SECTIONS.indexOf(section));
        expect(places).toEqual([...places].sort((a, b) => a - b));
        expect(list.turn).toEqual(['gates']);
      }),
    );
  });

  it('takes the sources down last wave first and brings the copies up first wave first', () => {
    expect(ids(checklistOf(new Story(shop()).begin().view, T0))).toEqual([
      'gates',
      'activate/decision',
      'activate/people',
      'activate/ttl/shop.example.com',
      'quiet/app1',
      'quiet/db1',
      'last-copy/app1',
      'last-copy/db1',
      'drain/Orders',
      'power-off/app1',
      'power-off/db1',
      'by-hand/stopped/1',
      'bring-up/db1',
      'bring-up/app1',
      'check/db1',
      'check/app1',
      'look/db1',
      'look/app1',
      'no-return',
      'open/Orders',
      'switch/dns/shop.example.com',
      'tell/1',
      'commit/db1',
      'commit/app1',
      'after/validation/Dana',
      'after/validation/Priya',
      'after/backups',
      'failback',
      'close',
    ]);
  });

  it('asks nothing of the sources in the dark', () => {
    const list = checklistOf(new Story(shop()).begin().view, T0, { dark: true });
    expect(list.marks).toEqual(['DARK']);
    expect(ids(list).filter(id => /^(?:quiet|last-copy|drain|power-off)\//.test(id))).toEqual([]);
    expect(ids(list)).toContain('activate/sources');
    expect(allNeeds(list, 'bring-up/db1')).toContain('activate/sources');
  });
});
