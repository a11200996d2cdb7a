import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GuestFacts } from '../../../src/journal/facts.ts';
import { PROOF_CHECKS, type ProofCheck } from '../../../src/journal/proof-facts.ts';
import type { CheckPlan } from '../../../src/plan/schema.ts';
import type { Evidence } from '../../../src/prove/evidence.ts';
import { isHeldProcess, isHeldUnit } from '../../../src/prove/judge/held.ts';
import { judge, standsInTheWay, verdictOf } from '../../../src/prove/judge/index.ts';
import type { Expected, Seen } from '../../../src/prove/judge/subject.ts';
import { guestFacts } from '../../support/state.ts';

const source = (overrides: Partial<GuestFacts> = {}): GuestFacts =>
  guestFacts({ hostKeys: ['ssh-ed25519 AAAAkey'], bootId: 'source-boot', ...overrides });

const expected = (overrides: Partial<Expected> = {}): Expected => ({
  machine: 'web1',
  guest: source(),
  copied: ['/', '/srv'],
  held: [],
  checks: [],
  nonce: 'n0nce',
  island: 'island',
  limitMs: 600_000,
  ...overrides,
});

function evidence(overrides: Partial<Evidence> = {}, guest: Partial<GuestFacts> = {}): Evidence {
  const { rsync, ...facts } = source(guest);
  return {
    nonce: 'n0nce',
    machineId: facts.machineId,
    bootId: 'copy-boot',
    kernel: facts.kernel,
    cmdline: 'root=UUID=AAAA-1',
    running: 'running',
    failedUnits: [],
    waitingJobs: [],
    journals: new Map(),
    keyFiles: ['ssh-ed25519 AAAAkey'],
    keysShown: ['ssh-ed25519 AAAAkey'],
    egress: [{ how: 'ping', address: '10.20.0.1', rc: 1, text: '' }],
    checks: new Map(),
    guest: facts,
    ...overrides,
  };
}

const seen = (overrides: Partial<Seen> = {}): Seen => ({
  console: ['[    0.000000] Linux version 6.1'],
  kernelMs: 1000,
  userspaceMs: 2000,
  evidence: evidence(),
  evidenceMs: 9000,
  touched: [],
  compared: ['vda'],
  ...overrides,
});

const one = (check: ProofCheck['check'], what: Expected, saw: Seen): ProofCheck => {
  const found = judge(what, saw).find(each => each.check === check);
  if (found === undefined) throw new Error(`nothing is said of ${check}`);
  return found;
};
const verdict = (check: ProofCheck['check'], what: Expected, saw: Seen) => one(check, what, saw).verdict;
const copy = (guest: Partial<GuestFacts>, overrides: Partial<Evidence> = {}): Seen =>
  seen({ evidence: evidence(overrides, guest) });

describe('the judges', () => {
  test('a copy that is as its source is proven, in the order of a boot', () => {
    const all = judge(expected(), seen());
    expect(verdictOf(all)).toBe('proven');
    const order = all.map(({ check }) => PROOF_CHECKS.indexOf(check));
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  test('a copy that says nothing has failed, and what it would have told is unproven', () => {
    const { evidence: _, userspaceMs: __, ...silent } = seen();
    const all = judge(expected(), silent);
    expect(verdictOf(all)).toBe('failed');
    expect(all.filter(each => each.verdict === 'fail').map(each => each.check)).toEqual([
      'userspace',
      'nonce',
    ]);
  });

  test('an agent that is silent and a host key that is not recorded are told and fail nothing', () => {
    const what = expected({ guest: source({ hostKeys: [], services: ['qemu-guest-agent.service'] }) });
    const saw = copy({ services: ['qemu-guest-agent.service'] });
    expect(verdict('agent', what, saw)).toBe('unproven');
    expect(verdict('host-key', what, saw)).toBe('unproven');
    expect(verdictOf(judge(what, saw))).toBe('proven');
  });

  test('the boot of the source itself is no answer of the copy', () => {
    expect(verdict('nonce', expected(), copy({}, { bootId: 'source-boot' }))).toBe('fail');
    expect(verdict('nonce', expected(), copy({}, { nonce: 'other' }))).toBe('fail');
  });

  test.each([
    ['connected', { rc: 0, text: '' }, 'fail'],
    ['refused', { rc: 1, text: 'bash: connect: Connection refused' }, 'fail'],
    ['a router answers', { rc: 1, text: 'From 10.20.0.1 icmp_seq=1 Destination Host Unreachable' }, 'fail'],
    [
      'its own kernel answers',
      { rc: 1, text: 'From 10.20.0.11 icmp_seq=1 Destination Host Unreachable' },
      'pass',
    ],
    ['no route', { rc: 2, text: 'connect: Network is unreachable' }, 'pass'],
    ['timed out', { rc: 124, text: '' }, 'pass'],
    ['no program', { rc: 127, text: '' }, 'unproven'],
  ])('a try to get out: %s', (_, answer, wanted) => {
    const saw = copy({}, { egress: [{ how: 'ping', address: '10.20.0.1', ...answer }] });
    expect(verdict('isolation', expected(), saw)).toBe(wanted);
  });

  test('isolation that could not be tried is not proven', () => {
    const all = judge(expected(), copy({}, { egress: [] }));
    expect(verdictOf(all)).toBe('failed');
    expect(standsInTheWay(all).map(({ check }) => check)).toEqual(['isolation']);
  });

  test('another root, another name, another key', () => {
    const [root] = source().fileSystems;
    if (root === undefined) throw new Error('no root');
    expect(verdict('root', expected(), copy({ fileSystems: [{ ...root, uuid: 'bbbb' }] }))).toBe('fail');
    expect(verdict('root', expected(), copy({ fileSystems: [{ ...root, uuid: 'aaaa-1' }] }))).toBe('pass');
    expect(verdict('identity', expected(), copy({ hostname: 'localhost' }))).toBe('fail');
    expect(verdict('host-key', expected(), copy({}, { keysShown: ['ssh-ed25519 BBBB'] }))).toBe('fail');
  });

  const srv = {
    mountpoint: '/srv',
    device: '/dev/vdb1',
    type: 'ext4',
    uuid: 'SRV',
    size: 1,
    used: 1,
    inodesUsed: 1,
  };
  const withSrv = (fstab?: GuestFacts['fstab']): GuestFacts => {
    const { fstab: _seen, ...unseen } = source({ fileSystems: [...source().fileSystems, srv] });
    return fstab === undefined ? unseen : { ...unseen, fstab };
  };

  test('a file system is missed where a start would mount it and its bytes are in the replica', () => {
    const line = { line: 1, spec: 'UUID=SRV', mountpoint: '/srv', type: 'ext4', options: ['defaults'] };
    expect(verdict('mounts', expected({ guest: withSrv() }), seen())).toBe('fail');
    expect(verdict('mounts', expected({ guest: withSrv([line]) }), seen())).toBe('fail');
    expect(verdict('mounts', expected({ guest: withSrv([{ ...line, options: ['noauto'] }]) }), seen())).toBe(
      'pass',
    );
    expect(one('mounts', expected({ guest: withSrv([]) }), seen()).detail.join()).toMatch(/by hand/);
    expect(verdict('mounts', expected({ guest: withSrv(), copied: ['/'] }), seen())).toBe('pass');
  });

  test('a unit that runs at the source and not here fails, unless it is held, comes on demand, or needs a network', () => {
    const what = (services: string[], more: Partial<GuestFacts> = {}, held: string[] = []) =>
      expected({ guest: source({ services, ...more }), held });
    const none = copy({ services: [] });
    expect(verdict('units', what(['nginx.service']), none)).toBe('fail');
    expect(verdict('units', what(['cron.service'], {}, ['cron.service']), none)).toBe('pass');
    expect(verdict('units', what(['user@0.service', 'getty@tty1.service']), none)).toBe('pass');
    const failedOnes = copy({ services: [] }, { failedUnits: ['systemd-networkd-wait-online.service'] });
    expect(verdict('units', what([]), failedOnes)).toBe('pass');
    const networking = copy({ services: [] }, { failedUnits: ['networking.service'] });
    expect(verdict('units', what([]), networking)).toBe('fail');
    const dhcp = { network: [{ manager: 'ifupdown' as const, file: 'x', addresses: [], dhcp: true }] };
    expect(verdict('units', what([], dhcp), networking)).toBe('pass');
    expect(
      verdict(
        'units',
        what([], { failedUnits: ['x.service'] }),
        copy({ services: [] }, { failedUnits: ['x.service'] }),
      ),
    ).toBe('pass');
  });

  test('a socket is missed unless its program is held or its port was drawn', () => {
    const tcp = (port: number, process: string, address = '0.0.0.0') => ({
      protocol: 'tcp' as const,
      address,
      port,
      process,
    });
    const what = (sockets: GuestFacts['sockets'], held: string[] = []) =>
      expected({ guest: source({ sockets }), held });
    const has = (sockets: GuestFacts['sockets']) => copy({ sockets });
    expect(verdict('sockets', what([tcp(80, 'nginx')]), has([tcp(22, 'sshd')]))).toBe('fail');
    expect(verdict('sockets', what([tcp(25, 'master')], ['postfix.service']), has([tcp(22, 'sshd')]))).toBe(
      'pass',
    );
    expect(verdict('sockets', what([tcp(44_321, 'rpc.statd')]), has([tcp(22, 'sshd')]))).toBe('pass');
    expect(verdict('sockets', what([tcp(80, 'nginx', '10.20.0.11')]), has([tcp(80, 'nginx', '*')]))).toBe(
      'pass',
    );
    expect(verdict('sockets', what([tcp(80, 'nginx')]), has([tcp(80, 'nginx', '127.0.0.1')]))).toBe('fail');
  });

  test.each<[CheckPlan, { rc: number; text: string }, ProofCheck['verdict'], RegExp]>([
    [{ command: ['true'] }, { rc: 0, text: '' }, 'pass', /ended well/],
    [{ command: ['q'], expect: 'yes' }, { rc: 0, text: 'no' }, 'fail', /without "yes"/],
    [{ command: ['q'] }, { rc: 124, text: '' }, 'fail', /no end/],
    [{ tcp: 80 }, { rc: 1, text: '' }, 'fail', /no connection/],
    [{ tcp: 80 }, { rc: 127, text: '' }, 'unproven', /no program/],
    [{ http: 'http://x/', status: 200 }, { rc: 0, text: 'ok\nlandfall-status=200' }, 'pass', /answers 200/],
    [
      { http: 'http://x/', status: 200 },
      { rc: 0, text: '  HTTP/1.1 500 Oops\nx' },
      'fail',
      /answers 500, not 200/,
    ],
    [
      { http: 'http://x/', status: 200 },
      { rc: 7, text: 'curl: (7) refused\nlandfall-status=000' },
      'fail',
      /no answer/,
    ],
    [{ http: 'http://x/', status: 200 }, { rc: 127, text: '' }, 'unproven', /neither curl/],
  ])('a check of the plan %j', (check, answer, wanted, words) => {
    const saw = copy({}, { checks: new Map([[0, answer]]) });
    const found = one('checks', expected({ checks: [check] }), saw);
    expect(found).toMatchObject({ verdict: wanted, found: expect.stringMatching(words) });
  });

  test('a replica that has changed, and one that could not be looked at', () => {
    expect(verdict('untouched', expected(), seen({ touched: ['vda: changed'] }))).toBe('fail');
    const all = judge(expected(), seen({ touched: undefined }));
    expect(verdictOf(all)).toBe('failed');
  });

  describe('silence is red', () => {
    const listens = [{ protocol: 'tcp' as const, address: '0.0.0.0', port: 80, process: 'nginx' }];
    const both = { services: ['nginx.service'], sockets: listens };
    const what = expected({ guest: source(both), checks: [{ tcp: 80 }] });
    const answered = { checks: new Map([[0, { rc: 0, text: '' }]]) };

    test('with every answer it is proven', () => {
      expect(verdictOf(judge(what, copy(both, answered)))).toBe('proven');
    });

    test.each<[string, Seen, ProofCheck['check']]>([
      ['a check of the plan that was never tried', copy(both), 'checks'],
      [
        'a check of the plan that nothing in the copy could try',
        copy(both, { checks: new Map([[0, { rc: 127, text: '' }]]) }),
        'checks',
      ],
      ['a copy that listens nowhere', copy({ ...both, sockets: [] }, answered), 'sockets'],
      [
        'a systemd that does not answer',
        copy({ ...both, services: [] }, { ...answered, running: undefined }),
        'units',
      ],
      ['host keys that are gone', copy(both, { ...answered, keysShown: [], keyFiles: [] }), 'host-key'],
      [
        'neither hostname nor machine-id',
        copy({ ...both, hostname: '', machineId: '' }, { ...answered, machineId: '' }),
        'identity',
      ],
      ['no volume that was compared', { ...copy(both, answered), compared: [] }, 'untouched'],
    ])('%s proves nothing', (_, saw, check) => {
      const all = judge(what, saw);
      expect(verdictOf(all)).toBe('failed');
      expect(standsInTheWay(all).map(each => each.check)).toContain(check);
    });

    test('units of which the source has told nothing are not called compared', () => {
      expect(verdict('units', expected({ guest: source({ services: [] }) }), copy({ services: [] }))).toBe(
        'unproven',
      );
    });
  });

  test('what a copy says moves no cursor and fills no journal', () => {
    const cmdline = `root=x \u001b[2J${'a'.repeat(100_000)}`;
    const { detail } = one('root', expected(), copy({}, { cmdline }));
    expect(detail.join('')).not.toContain('\u001b');
    expect(Math.max(...detail.map(line => line.length))).toBeLessThan(500);
  });

  test('held units by template, held programs by the names of their processes', () => {
    expect(isHeldUnit('postgresql@15-main.service', ['postgresql@.service'])).toBe(true);
    expect(isHeldUnit('cron.service', ['cron'])).toBe(true);
    expect(isHeldUnit('cron.service', ['crond.service'])).toBe(false);
    expect(isHeldProcess('master', ['postfix.service'])).toBe(true);
    expect(isHeldProcess('prometheus-node', ['prometheus-node-exporter.service'])).toBe(true);
    expect(isHeldProcess('nginx', ['postfix.service'])).toBe(false);
  });

  test('no copy of any kind is proven with a required check that did not pass', () => {
    const arbitrary = fc.array(
      fc.record({
        check: fc.constantFrom(...PROOF_CHECKS),
        verdict: fc.constantFrom('pass' as const, 'fail' as const, 'unproven' as const),
        found: fc.constant('x'),
        detail: fc.constant<string[]>([]),
      }),
    );
    void fc.assert(
      fc.property(arbitrary, all => {
        const isProven = verdictOf(all) === 'proven';
        expect(isProven && all.some(each => each.verdict === 'fail')).toBe(false);
        expect(isProven && all.some(each => each.check === 'checks' && each.verdict !== 'pass')).toBe(false);
        for (const required of ['userspace', 'nonce', 'isolation', 'identity', 'root', 'mounts', 'untouched'])
          expect(isProven && !all.some(each => each.check === required && each.verdict === 'pass')).toBe(
            false,
          );
      }),
    );
  });
});
