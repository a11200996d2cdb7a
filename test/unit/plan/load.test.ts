import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { briefly, changed, NOW, parse, problemsOf, SOUND, sound } from './sound-plan.ts';

describe('a sound plan', () => {
  it('is read with its units converted and its defaults filled in', () => {
    const plan = sound(SOUND);
    expect(plan.link.limit).toBe(100e6);
    expect(plan.link.streams).toBe(4);
    expect(plan.tiers['normal']?.rpo).toBe(15 * 60_000);
    expect(plan.deadline.earliest).toEqual({ kind: 'in', ms: (3 * 24 + 4) * 3600_000 });
    expect(plan.machines['web1']).toMatchObject({
      mover: 'auto',
      after: ['db1'],
      target: { port: 22, user: 'root' },
    });
  });

  it('has no warnings, and the hash of its bytes', () => {
    const hash = createHash('sha256').update(SOUND).digest('hex');
    expect(parse(SOUND)).toMatchObject({ ok: true, hash, warnings: [] });
  });

  it('may start with a byte order mark, which counts for the hash', () => {
    const result = parse(`\uFEFF${SOUND}`);
    expect(result.ok && result.hash).toBe(createHash('sha256').update(`\uFEFF${SOUND}`).digest('hex'));
  });

  it('may have Windows line ends', () => {
    expect(parse(SOUND.replaceAll('\n', '\r\n')).ok).toBe(true);
  });

  it('may use anchors, aliases and merge keys', () => {
    const text = changed(
      [
        '    source: { hypervisor: mia-kvm1, address: 10.10.4.21 }',
        '    source: &here { hypervisor: mia-kvm1, address: 10.10.4.21 }',
      ],
      [
        '    source: { hypervisor: mia-kvm1, address: 10.10.4.51 }',
        '    source: { <<: *here, address: 10.10.4.51 }',
      ],
      ['    exclude: [/var/tmp]', '    exclude: &spare [/var/tmp]'],
      ['  db1:\n', '  db1:\n    owner: &who Dana\n'],
    );
    expect(sound(text).machines['web1']?.source).toMatchObject({
      hypervisor: 'mia-kvm1',
      address: '10.10.4.51',
    });
  });

  it.each(['minimal', 'staging-rehearsal', 'miami-to-dallas'])('plans/%s.yaml', name => {
    const bytes = readFileSync(new URL(`../../../plans/${name}.yaml`, import.meta.url));
    expect(bytes.toString().split('\n')[0]).toBe('# yaml-language-server: $schema=./plan.schema.json');
    expect(parse(bytes).ok).toBe(true);
    // It must not go stale.
    expect(parse(bytes, NOW + 10 * 365 * 86_400_000).ok).toBe(true);
    expect(problemsOf(bytes).map(p => p.path)).toEqual([]);
  });

  it('the scenario names the six machines, the database and the whole network map', () => {
    const plan = sound(readFileSync(new URL('../../../plans/miami-to-dallas.yaml', import.meta.url), 'utf8'));
    expect(Object.keys(plan.machines)).toEqual(['db1', 'app1', 'app2', 'mail1', 'files1', 'web1']);
    expect(plan.databases['Orders']).toMatchObject({ size: 50e9, clone: { database: 'Orders_Dev' } });
    expect(plan.networks['dal-dmz']?.replaces).toBe('mia-dmz');
    expect(plan.link.windows).toHaveLength(2);
  });
});

describe('places', () => {
  it('points at the key for what is missing or empty, and at the value otherwise', () => {
    const text = changed(['    tier: normal\n', ''], ['exclude: [/var/tmp]', 'exclude:']);
    expect(briefly(problemsOf(text))).toEqual([
      '30:3 error the key "tier" is missing in machines.web1',
      '33:5 error nothing is written after "exclude"',
    ]);
  });

  it('follows an alias to the text that has to be edited', () => {
    const text = changed(
      ['    tier: critical\n', '    tier: &level crtical\n'],
      ['    tier: normal\n', '    tier: *level\n'],
    );
    expect(briefly(problemsOf(text))).toEqual([
      '27:18 error no tier is called "crtical"',
      '31:11 error no tier is called "crtical"',
    ]);
  });

  it('finds a fault in what a merge key brought where it is written', () => {
    const text = changed(
      [
        'source: { hypervisor: mia-kvm1, address: 10.10.4.21 }',
        'source: &s { hypervisor: mia-kvm1, address: 10.10.4.21, port: 99999 }',
      ],
      ['source: { hypervisor: mia-kvm1, address: 10.10.4.51 }', 'source: { <<: *s, address: 10.10.4.51 }'],
    );
    expect(problemsOf(text).map(p => `${p.line}:${p.column}`)).toEqual(['28:67']);
  });

  it('writes paths as a person would', () => {
    expect(problemsOf(changed(['after: [db1]', 'after: [db1, db9]']))[0]?.path).toBe(
      'machines.web1.after[1]',
    );
  });
});

describe('all problems at once', () => {
  it('a typing error in one place hides no fault of the meaning in another, or in the same machine', () => {
    const text = changed(
      ['800 Mbit/s', '800mbit'],
      ['    exclude: [/var/tmp]\n    after: [db1]', '    exlude: [/var/tmp]\n    after: [db7, db2]'],
      ['role: target', 'role: target, colour: blue'],
    );
    expect(briefly(problemsOf(text))).toEqual([
      '8:27 error there is no key "colour" in sites.dallas',
      '10:10 error not a rate: write it like "800 Mbit/s"',
      '34:5 error there is no key "exlude" in machines.web1',
      '35:13 error no machine or database is called "db7"',
      '35:18 error no machine or database is called "db2"',
    ]);
  });

  it('is capped, counts the rest, and keeps errors before warnings', () => {
    const names = Array.from({ length: 80 }, (_, i) => `x${i}`);
    const result = problemsOf(changed(['after: [db1]', `after: [db1, db1, ${names.join(', ')}]`]));
    expect(result).toHaveLength(50);
    expect(result.slice(0, 49).every(p => p.severity === 'error')).toBe(true);
    expect(result.at(-1)?.message).toBe('and 32 more problems, the first of them here');
  });

  it('is sorted and free of repeats', () => {
    const result = problemsOf('version: 1\n');
    const keys = result.map(p => p.line * 1000 + p.column);
    expect(keys).toEqual([...keys].sort((a, b) => a - b));
    expect(new Set(briefly(result)).size).toBe(result.length);
  });
});

describe('texts that are no plan', () => {
  it('an empty file', () => {
    expect(briefly(problemsOf(''))).toEqual(['1:1 error the plan is empty']);
    expect(briefly(problemsOf('---\n# only a comment\n'))).toEqual(['1:1 error the plan is empty']);
  });

  it('more than 1 MiB, before anything is parsed', () => {
    const result = problemsOf(`# ${'x'.repeat(2 * 1024 * 1024)}\n${SOUND}`);
    expect(briefly(result)).toEqual(['1:1 error the file is larger than 1 MiB, and no plan is']);
  });

  it('UTF-16', () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(SOUND, 'utf16le')]);
    expect(problemsOf(bytes)[0]?.message).toBe('the file is UTF-16; a plan is UTF-8');
  });

  it('nesting that would spend the stack', () => {
    expect(problemsOf('['.repeat(200_000))[0]?.severity).toBe('error');
    expect(problemsOf(`a: ${'{a: '.repeat(20_000)}1${'}'.repeat(20_000)}`)[0]?.severity).toBe('error');
  });

  it('an alias that holds itself', () => {
    expect(problemsOf('version: 1\nmachines: &m { web1: *m }\n').length).toBeGreaterThan(0);
  });

  it('a real replacement character is no sign of wrong bytes', () => {
    const text = changed(['    exclude:', '    description: "what \uFFFD was"\n    exclude:']);
    expect(parse(text).ok).toBe(true);
    const bytes = Buffer.concat([
      Buffer.from('# \uFFFD\n# '),
      Buffer.from([0xe9]),
      Buffer.from(`\n${SOUND}`),
    ]);
    expect(briefly(problemsOf(bytes))).toEqual(['2:3 error the file is not UTF-8 from here on']);
  });
});
