import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { driftText } from '../../../src/cli/drift-list.ts';
import { sizingText } from '../../../src/cli/sizing-table.ts';
import { driftOf } from '../../../src/estate/drift/drift.ts';
import { sizingOf } from '../../../src/estate/sizing/sizing.ts';
import { domainFacts, guestFacts, machinePlan, planOf, Story } from '../../support/state.ts';

const story = (...seen: readonly string[]): Story => {
  const told = new Story(planOf({ machines: { web1: machinePlan(), db1: machinePlan() } })).begin();
  for (const machine of seen)
    told.tell(
      {
        ...{ type: 'machine.observed', machine, domain: domainFacts({ name: machine }), digest: 'd' },
        guest: guestFacts({ hostname: machine }),
      },
      { type: 'machine.surveyed', machine, survey: { root: true, gaps: [] }, digest: 's' },
    );
  return told;
};

const sizes = ({ view, now }: Story, width: number): string =>
  sizingText('storm', sizingOf(view, now), { now, width, unicode: false });

describe('landfall sizing prints', () => {
  it('that nothing is known where nobody looked, and no zero', () => {
    const text = sizes(story(), 80);
    expect(text).toContain('storm: how much leaves is not known\n');
    expect(text).not.toContain('0 B');
    expect(text).not.toContain('later passes');
    expect(text.match(/nobody knows how much/g)).toHaveLength(1);
    expect(text).toContain('next: landfall inventory <the plan file>');
  });

  it('a sum only as far as it is known', () => {
    expect(sizes(story('web1'), 80)).toMatch(/^storm: .* leave, as far as it is known; /);
    expect(sizes(story('web1', 'db1'), 80)).toMatch(/^storm: \S+ \S+ leave; /);
  });

  it('how long the last pass takes rather than what is written a second', () => {
    const lines = sizes(story('web1', 'db1'), 80).split('\n');
    expect(lines.filter(line => line.includes('...'))).toEqual([]);
  });

  it.each([60, 80, 120])('in %i columns', width => {
    const long = sizes(story('web1'), width)
      .split('\n')
      .filter(line => stringWidth(line) > width);
    expect(long).toEqual([]);
  });
});

describe('landfall drift prints', () => {
  const drift = ({ view, now }: Story): string =>
    driftText(view, driftOf(view, now), { now, width: 80, unicode: false, colour: false });

  it('no agreement with what nobody has seen', () => {
    const text = drift(story());
    expect(text).toContain('never surveyed: ');
    expect(text).toContain('next: landfall inventory <the plan file>');
    expect(text).toMatch(/\nnothing was seen yet that the plan could be compared with\n$/);
    expect(text).not.toContain('agree');
  });
});
