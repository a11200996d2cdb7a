import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../../src/plan/load.ts';
import { briefly, changed, NOW, parse, problemsOf, SOUND } from './sound-plan.ts';

/** What fixtures/plans/bad does not show: warnings, and plans that look wrong and are right. */

describe('warnings leave a plan sound', () => {
  const cases: [string, string, string, RegExp][] = [
    [
      'a window above the link',
      'limit: 400 Mbit/s',
      'limit: 900 Mbit/s',
      /more than the limit of the link \(800 Mbit/,
    ],
    [
      'overlapping windows',
      'limit: 400 Mbit/s }\n',
      'limit: 400 Mbit/s }\n    - { days: [tue], from: "17:00", to: "19:00", limit: 10 Mbit/s }\n',
      /overlaps window 1/,
    ],
    [
      'a window that overlaps over midnight on Sunday',
      'from: "08:00", to: "18:00", limit: 400 Mbit/s }\n',
      'from: "00:00", to: "02:00", limit: 400 Mbit/s }\n    - { days: [sun], from: "23:00", to: "01:00", limit: 10 Mbit/s }\n',
      /overlaps window 1/,
    ],
    [
      'an address outside its network',
      'address: 10.20.4.51',
      'address: 10.20.9.51',
      /not in 10\.20\.4\.0\/24/,
    ],
    ['an exclude that never travels', '/var/tmp', '/proc/kcore', /never travels/],
    [
      'an owner whom nobody can call',
      'machines:\n',
      'contacts: [{ name: Dana Ruiz, role: lead }]\ncutover: { decides: Dana Riuz }\nmachines:\n',
      /"Dana Riuz" is none of the contacts/,
    ],
    ['a name twice in after', '[db1]', '[db1, db1]', /twice/],
    [
      'an exclude where whole disks travel',
      'exclude: [/var/tmp]',
      'mover: blocks\n    exclude: [/var/tmp]',
      /the blocks mover leaves nothing out/,
    ],
    [
      'a snapshot in a guest that nobody can enter',
      'address: 10.10.4.21 }\n',
      'address: 10.10.4.21, login: false }\n    snapshot: auto\n',
      /a machine without a login takes no snapshot/,
    ],
    ['long names', 'name: storm', `name: ${'s'.repeat(50)}`, /54 characters together/],
    [
      'two networks upon each other',
      'networks:\n',
      'networks:\n  old: { site: dallas, libvirt: old, cidr: 10.20.0.0/16 }\n',
      /overlaps 10\.20\.0\.0\/16 \("old"\)/,
    ],
    [
      'two replacements of one network',
      'replaces: mia-servers }\n',
      'replaces: mia-servers }\n  more: { site: dallas, libvirt: more, replaces: mia-servers }\n',
      /"dal-servers" replaces "mia-servers" already/,
    ],
    [
      'a target that shares a host with production at another port',
      'address: 10.20.4.51',
      'address: 10.10.4.51, port: 2222',
      /another port/,
    ],
    [
      'a DNS record that does not change',
      'machines:\n',
      'dns: [{ name: a.example.com, from: 192.0.2.1, to: 192.0.2.1 }]\nmachines:\n',
      /does not change/,
    ],
  ];
  it.each(cases)('%s', (_name, before, after, message) => {
    const result = parse(changed([before, after]));
    expect(result.ok).toBe(true);
    const warnings = result.ok ? result.warnings : [];
    expect(warnings.some(w => w.severity === 'warning' && message.test(w.message))).toBe(true);
  });
});

describe('sound after all', () => {
  const cases: [string, readonly (readonly [string, string])[]][] = [
    ['a target network without cidr', [[', cidr: 10.20.4.0/24', '']]],
    [
      'lab hosts side by side on loopback',
      [
        ['mia-kvm1, address: 10.10.4.51', 'mia-kvm1, address: 127.0.0.1, port: 4001'],
        ['address: 10.20.4.51', 'address: 127.0.0.1, port: 4002'],
      ],
    ],
    [
      'one address with two ports',
      [
        ['address: 10.20.4.21', 'address: 10.20.4.9, port: 2201'],
        ['address: 10.20.4.51', 'address: 10.20.4.9, port: 2202'],
      ],
    ],
    [
      'windows that touch',
      [
        [
          'limit: 400 Mbit/s }\n',
          'limit: 400 Mbit/s }\n    - { days: [mon], from: "18:00", to: "08:00", limit: 1 Mbit/s }\n',
        ],
      ],
    ],
    ['names that JavaScript knows', [['  web1:', '  constructor:']]],
    ['a folder below a vital one', [['/var/tmp', '/var/lib/docker/overlay2']]],
    [
      'a mail address and a colon in free text',
      [
        [
          '    exclude:',
          '    description: "ask ops: dana@example.com"\n    owner: mailto:dana@example.com\n    exclude:',
        ],
      ],
    ],
    [
      'the word password in prose',
      [['    exclude:', '    description: "password: ask Dana for it"\n    exclude:']],
    ],
    [
      'IPv6 throughout',
      [
        ['cidr: 10.20.4.0/24', 'cidr: "2001:db8:20::/64"'],
        ['address: 10.20.4.51', 'address: "2001:db8:20::51"'],
        ['address: 10.20.4.21', 'address: "2001:db8:20::21"'],
      ],
    ],
  ];
  it.each(cases)('%s', (_name, changes) => {
    expect(briefly(problemsOf(changed(...changes)))).toEqual([]);
  });
});

describe('deadlines', () => {
  const past = changed(['in 3d4h', '2026-11-20T06:00:00-05:00']);
  it('that went by refuse a new plan and only warn in a running evacuation', () => {
    expect(parse(past).ok).toBe(false);
    const result = parsePlan(past, { file: 'plan.yaml', now: NOW, running: true });
    expect(result.ok && result.warnings.map(w => w.path)).toEqual(['deadline.earliest']);
  });

  it('written as distances are never past', () => {
    expect(parse(SOUND, NOW + 50 * 365 * 86_400_000).ok).toBe(true);
  });

  it('of both kinds are compared', () => {
    const text = changed(['in 4d6h', '2026-11-23T06:00:00-05:00']);
    expect(briefly(problemsOf(text))).toEqual(['5:13 error the expected loss comes before the earliest']);
  });
});

describe('order', () => {
  it('names each knot once', () => {
    const text = changed(
      ['    after: [db1]\n', '    after: [db1, web1]\n'],
      ['address: 10.20.4.21 }\n', 'address: 10.20.4.21 }\n    after: [web1]\n'],
    );
    expect(briefly(problemsOf(text))).toEqual([
      '30:13 error nobody could start first: db1 waits for web1 waits for db1',
      '36:18 error "web1" waits for itself',
    ]);
  });

  it('a chain of a thousand is no problem', () => {
    const machines = Array.from({ length: 1000 }, (_, i) => {
      const after = i === 0 ? '' : `\n    after: [m${i - 1}]`;
      const low = `${Math.floor(i / 250)}.${i % 250}`;
      return `  m${i}:
    tier: normal
    source: { hypervisor: mia-kvm1, address: 10.11.${low} }
    target: { hypervisor: dal-kvm1, image: debian-12, network: wide, address: 10.21.${low} }${after}`;
    });
    const text = `${SOUND.slice(0, SOUND.indexOf('machines:'))}machines:\n${machines.join('\n')}\n`;
    const wide = text.replace('networks:\n', 'networks:\n  wide: { site: dallas, libvirt: wide }\n');
    expect(briefly(problemsOf(wide))).toEqual([]);
  });
});

describe('excludes that cost the machine', () => {
  it.each([
    '/',
    '//',
    '/*',
    '/**',
    '/./',
    '/etc',
    '/etc/',
    '/etc/**',
    '//etc',
    '/srv/../etc',
    '/e*',
    '/?tc',
    '/var',
    '/usr/lib',
  ])('%s', path => {
    expect(problemsOf(changed(['[/var/tmp]', `["${path}"]`]))[0]).toMatchObject({
      severity: 'error',
      line: 34,
    });
  });

  it('a line break would smuggle a second pattern', () => {
    expect(problemsOf(changed(['[/var/tmp]', '["/srv/a\\n/etc"]']))[0]?.message).toContain('line break');
  });
});
