import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LandfallError } from '../../../src/foundation/errors.ts';
import { diffPlans } from '../../../src/plan/diff.ts';
import { editPlan, type PlanEdit } from '../../../src/plan/edit.ts';
import { commentsOf } from '../../../src/plan/edit-text.ts';
import type { PlanValue } from '../../../src/plan/edit-value.ts';
import { valueAt, withValue } from '../../../src/plan/edit-value.ts';
import { parseSyntax } from '../../../src/plan/syntax.ts';
import type { NewMachine } from '../../../src/plan/template.ts';
import { parse, SOUND, sound } from './sound-plan.ts';

const example = (name: string): string =>
  readFileSync(new URL(`../../../plans/${name}`, import.meta.url), 'utf8');
const SCENARIO = example('miami-to-dallas.yaml');
const MINIMAL = example('minimal.yaml');

const plain = (text: string): PlanValue => JSON.parse(JSON.stringify(parseSyntax(text).raw));
const comments = (text: string): string[] => commentsOf(text).map(comment => comment.text);
/** The lines that an edit took out and put in. */
const changedLines = (before: string, after: string): string[] =>
  diffPlans(before, after)
    .split('\n')
    .filter(line => /^[+-]/.test(line));

const cache1: NewMachine = {
  name: 'cache1',
  note: 'a cache',
  tier: 'normal',
  source: { hypervisor: 'mia-kvm1', address: '10.10.4.71' },
  target: { hypervisor: 'dal-kvm1', image: 'debian-12-a', network: 'dal-servers', address: '10.20.4.71' },
};

describe('an edit changes its own place and nothing else', () => {
  test.each<[string, PlanEdit, string[]]>([
    [
      'a tier',
      { kind: 'tier', machine: 'mail1', tier: 'critical' },
      ['-     tier: normal', '+     tier: critical'],
    ],
    [
      'a value inside braces',
      { kind: 'network', machine: 'files1', network: 'dal-dmz' },
      [
        '-     target: { hypervisor: dal-kvm2, image: debian-12-b, network: dal-servers, address: 10.20.4.51 }',
        '+     target: { hypervisor: dal-kvm2, image: debian-12-b, network: dal-dmz, address: 10.20.4.51 }',
      ],
    ],
    [
      'a deadline with a comment beside it',
      { kind: 'deadline', earliest: 'in 2d' },
      [
        '-   earliest: in 3d4h             # tropical-storm winds: power and carriers may go. Landfall plans for this one.',
        '+   earliest: in 2d               # tropical-storm winds: power and carriers may go. Landfall plans for this one.',
      ],
    ],
    [
      'an order that was there',
      { kind: 'order', machine: 'app1', after: ['db1'] },
      [
        '-     after: [db1, Orders]        # at cutover these are up before it; machines and databases alike',
        '+     after: [db1]                # at cutover these are up before it; machines and databases alike',
      ],
    ],
    ['a first order', { kind: 'order', machine: 'mail1', after: ['db1'] }, ['+     after: [db1]']],
    ['no order', { kind: 'order', machine: 'web1', after: [] }, ['-     after: [app1, app2]']],
    [
      'a list below its key',
      { kind: 'set', path: ['machines', 'db1', 'exclude'], value: ['/var/tmp'] },
      [
        '-     exclude:                    # absolute paths that need not travel: caches, scratch space, old dumps',
        '-       - /var/backups/pg_dump',
        '-       - /var/tmp',
        '+     # absolute paths that need not travel: caches, scratch space, old dumps',
        '+     exclude: [/var/tmp]',
      ],
    ],
    [
      'an item of a list',
      { kind: 'set', path: ['machines', 'web1', 'after', 1], value: 'db1' },
      ['-     after: [app1, app2]', '+     after: [app1, db1]'],
    ],
    [
      'a key below one that is not there',
      { kind: 'set', path: ['ssh', 'config'], value: 'ssh_config' },
      ['+ ssh:', '+   config: ssh_config'],
    ],
    [
      'an image on another hypervisor',
      { kind: 'image', machine: 'web1', image: 'debian-12-a', hypervisor: 'dal-kvm1' },
      [
        '-     target: { hypervisor: dal-kvm2, image: debian-12-b, network: dal-dmz, address: 198.51.100.10 }',
        '+     target: { hypervisor: dal-kvm1, image: debian-12-a, network: dal-dmz, address: 198.51.100.10 }',
      ],
    ],
  ])('%s', (_what, edit, lines) => {
    const after = editPlan(SCENARIO, [edit]);
    expect(changedLines(SCENARIO, after)).toEqual(lines);
    expect(parse(after)).toMatchObject({ ok: true });
  });

  test('a machine is added at its place in the alphabet, written as landfall writes plans', () => {
    const added = editPlan(SOUND, [
      { kind: 'add-machine', machine: { ...cache1, target: { ...cache1.target, image: 'debian-12' } } },
    ]);
    expect(Object.keys(sound(added).machines)).toEqual(['cache1', 'db1', 'web1'].toSorted());
    expect(changedLines(SOUND, added)).toContain('+   cache1:                         # a cache');
    const scenario = editPlan(SCENARIO, [{ kind: 'add-machine', machine: cache1 }]);
    expect(changedLines(SCENARIO, scenario).every(line => line.startsWith('+'))).toBe(true);
    expect(parse(scenario)).toMatchObject({ ok: true });
    expect(editPlan(scenario, [{ kind: 'remove-machine', machine: 'cache1' }])).toBe(SCENARIO);
  });

  test('a machine taken out is waited for by nobody, and the gap closes', () => {
    const after = editPlan(SCENARIO, [{ kind: 'remove-machine', machine: 'db1' }]);
    const plan = sound(after);
    expect(plan.machines['db1']).toBeUndefined();
    expect(plan.machines['app1']?.after).toEqual(['Orders']);
    expect(after).not.toMatch(/\n\n\n/);
    expect(editPlan(after, [{ kind: 'remove-machine', machine: 'db1' }])).toBe(after);
  });

  test('a place that was left open is filled in, its comment kept without the mark', () => {
    const open = MINIMAL.replace(/address: 10\.20\.0\.51.*/, 'address:            # FILL IN: a free one');
    expect(parse(open).ok).toBe(false);
    const filled = editPlan(open, [{ kind: 'address', machine: 'web1', address: '10.20.0.52' }]);
    expect(filled).toContain('      address: 10.20.0.52 # a free one\n');
    expect(sound(filled).machines['web1']?.target.address).toBe('10.20.0.52');
  });

  test('the last machine leaves an empty mapping, and one can come again', () => {
    const none = editPlan(MINIMAL, [{ kind: 'remove-machine', machine: 'web1' }]);
    expect(plain(none)).toMatchObject({ machines: {} });
    const again = editPlan(none, [
      { kind: 'add-machine', machine: { ...cache1, target: { ...cache1.target, image: 'debian-12' } } },
    ]);
    expect(parse(again)).toMatchObject({ ok: true });
  });
});

describe('what is written unusually is edited all the same', () => {
  test.each([
    ['line ends of Windows', SOUND.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\uFEFF${SOUND}`],
    ['no line end at the end', SOUND.trimEnd()],
    ['JSON', JSON.stringify(plain(SOUND), null, 2)],
    ['quoted keys', SOUND.replace('  web1:', '  "web1":').replace('    tier: normal', '    "tier": normal')],
    ['an explicit key', SOUND.replace('    tier: normal', '    ? tier\n    : normal')],
  ])('%s', (_what, text) => {
    const edits: PlanEdit[] = [
      { kind: 'tier', machine: 'web1', tier: 'critical' },
      { kind: 'order', machine: 'db1', after: ['web1'] },
      { kind: 'order', machine: 'web1', after: [] },
      { kind: 'deadline', expected: 'in 9d' },
    ];
    const after = editPlan(text, edits);
    const { machines, deadline } = sound(after);
    expect(machines['web1']).toMatchObject({ tier: 'critical', after: [] });
    expect(machines['db1']?.after).toEqual(['web1']);
    expect(deadline.expected).toEqual({ kind: 'in', ms: 9 * 86_400_000 });
    expect(after.includes('\r\n')).toBe(text.includes('\r\n'));
    if (text.includes('\r\n')) expect(after).not.toMatch(/[^\r]\n/);
  });

  const shared = SOUND.replace(
    '    tier: critical\n    source: { hypervisor: mia-kvm1, address: 10.10.4.21 }',
    '    tier: &level critical\n    source: { hypervisor: mia-kvm1, address: 10.10.4.21 }',
  ).replace('    tier: normal', '    tier: *level');

  test('an alias is replaced by its own value, and the other one stays', () => {
    const { machines } = sound(editPlan(shared, [{ kind: 'tier', machine: 'web1', tier: 'normal' }]));
    expect([machines['db1']?.tier, machines['web1']?.tier]).toEqual(['critical', 'normal']);
  });

  test('what others share through an anchor is not changed behind their back', () => {
    expect(() => editPlan(shared, [{ kind: 'tier', machine: 'db1', tier: 'normal' }])).toThrow(LandfallError);
  });

  test('a text that is no YAML is refused with the reason', () => {
    expect(() => editPlan('a: [1', [{ kind: 'deadline', earliest: 'in 1d' }])).toThrow(/no valid YAML/);
    expect(() => editPlan('a: 1\na: 2\n', [{ kind: 'deadline', earliest: 'in 1d' }])).toThrow(
      /written twice/,
    );
  });
});

describe('comments', () => {
  test('are told from text that looks like them', () => {
    expect(comments('a: "# no"   # one\nb: x#no\nc: |\n  # no\n# two\nd: [1, # three\n 2]\n')).toEqual([
      '# one',
      '# two',
      '# three',
    ]);
  });
});

/** Any scenario text with comments at random lines, which are all places where YAML allows them. */
const commented = fc
  .array(fc.tuple(fc.nat({ max: 200 }), fc.stringMatching(/^[a-z:#{}[\]"' -]{0,20}$/)), { maxLength: 8 })
  .map(extra => {
    const lines = SCENARIO.split('\n');
    for (const [at, words] of extra) {
      const line = at % (lines.length - 1);
      // Between a comment line and the next the indentation is free; it takes that of its neighbour.
      const indent = /^ */.exec(lines[line] ?? '')?.[0] ?? '';
      lines.splice(line, 0, `${indent}# ${words}`.trimEnd());
    }
    return lines.join('\n');
  });

const MACHINES = ['db1', 'app1', 'app2', 'mail1', 'files1', 'web1'] as const;
const machine = fc.constantFrom(...MACHINES);
const anyEdit: fc.Arbitrary<PlanEdit> = fc.oneof(
  fc.record({ kind: fc.constant('tier' as const), machine, tier: fc.constantFrom('critical', 'normal') }),
  fc.record({ kind: fc.constant('order' as const), machine, after: fc.subarray(['Orders', ...MACHINES]) }),
  fc.record({ kind: fc.constant('network' as const), machine, network: fc.constantFrom('dal-dmz', 'x y') }),
  fc.record({ kind: fc.constant('address' as const), machine, address: fc.string({ maxLength: 12 }) }),
  fc.record({ kind: fc.constant('deadline' as const), earliest: fc.constantFrom('in 1d', 'in 2d') }),
  fc.record({
    kind: fc.constant('set' as const),
    path: fc.constantFrom<(string | number)[]>(
      ['machines', 'db1', 'exclude'],
      ['machines', 'db1', 'owner'],
      ['contacts', 1, 'phone'],
      ['link', 'windows'],
      ['ssh', 'config'],
      ['networks', 'mia-dmz'],
    ),
    value: fc
      .jsonValue({ maxDepth: 3 })
      .map((value): PlanValue => JSON.parse(JSON.stringify(value)))
      // Keys that mean something to YAML or JavaScript: no plan may have the one, and the other is no key.
      .filter(value => !/"(?:<<|__proto__)":/.test(JSON.stringify(value))),
  }),
);

describe('whatever is edited', () => {
  test('every comment and every other value stays', () => {
    fc.assert(
      fc.property(commented, anyEdit, (text, edit) => {
        const after = editPlan(text, [edit]);
        expect(comments(after).toSorted()).toEqual(comments(text).toSorted());
        const [path, value]: [(string | number)[], PlanValue | undefined] =
          edit.kind === 'tier'
            ? [['machines', edit.machine, 'tier'], edit.tier]
            : edit.kind === 'order'
              ? [['machines', edit.machine, 'after'], edit.after.length === 0 ? undefined : [...edit.after]]
              : edit.kind === 'network'
                ? [['machines', edit.machine, 'target', 'network'], edit.network]
                : edit.kind === 'address'
                  ? [['machines', edit.machine, 'target', 'address'], edit.address]
                  : edit.kind === 'set'
                    ? [[...edit.path], edit.value]
                    : [['deadline', 'earliest'], edit.kind === 'deadline' ? edit.earliest : undefined];
        expect(plain(after)).toEqual(withValue(plain(text), path, value));
      }),
      { numRuns: 25 },
    );
  });

  test('an edit and its inverse give the same plan', () => {
    fc.assert(
      fc.property(commented, machine, fc.constantFrom('tier', 'after', 'target'), (text, name, key) => {
        const path = ['machines', name, key];
        const before = valueAt(plain(text), path);
        const changed = editPlan(text, [{ kind: 'set', path, value: key === 'after' ? ['db1'] : 'x' }]);
        const back = editPlan(changed, [
          before === undefined ? { kind: 'remove', path } : { kind: 'set', path, value: before },
        ]);
        expect(plain(back)).toEqual(plain(text));
        expect(comments(back).toSorted()).toEqual(comments(text).toSorted());
      }),
      { numRuns: 25 },
    );
  });

  test('a machine that is added and taken out again leaves the text as it was', () => {
    fc.assert(
      fc.property(commented, fc.stringMatching(/^[a-z][a-z0-9]{5,8}$/), (text, name) => {
        const added = editPlan(text, [{ kind: 'add-machine', machine: { ...cache1, name } }]);
        expect(valueAt(plain(added), ['machines', name])).toMatchObject({ tier: 'normal' });
        const without = editPlan(added, [{ kind: 'remove-machine', machine: name }]);
        // A comment that stands close to its machine may have come to stand a line apart.
        expect(without.replace(/\n+/g, '\n')).toBe(text.replace(/\n+/g, '\n'));
      }),
      { numRuns: 25 },
    );
  });
});
