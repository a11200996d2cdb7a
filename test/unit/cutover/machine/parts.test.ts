import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { movedAddress } from '../../../../src/build/index.ts';
import { inStages, isBase, parseUnits, unitsToStop } from '../../../../src/cutover/machine/base-units.ts';
import { isExact, lastVerified, lateWrites, quietSince } from '../../../../src/cutover/machine/exact.ts';
import { parseDomainInfo } from '../../../../src/cutover/machine/hands.ts';
import { lastCopyDeed } from '../../../../src/cutover/machine/index.ts';
import { bestOf } from '../../../../src/cutover/machine/locate.ts';
import { addressOf } from '../../../../src/evacuation/addresses.ts';
import { expectedIdentity } from '../../../../src/evacuation/identity.ts';
import type { EventBody } from '../../../../src/journal/events.ts';
import type { MachineState } from '../../../../src/journal/state.ts';
import { machinePlan, planOf, Story } from '../../../support/state.ts';

describe('units', () => {
  test.each([
    'ssh.service',
    'sshd@7-10.0.0.1:22-10.0.0.2:5.service',
    'sshd.socket',
    'systemd-journald.service',
    'systemd-udevd-kernel.socket',
    'dbus.service',
    'dbus-broker.service',
    'getty@tty1.service',
    'serial-getty@ttyS0.service',
    'user@1000.service',
    'NetworkManager.service',
    'networking.service',
    'dhcpcd.service',
    'wg-quick@wg0.service',
    'multipathd.service',
    'lvm2-lvmpolld.socket',
    'qemu-guest-agent.service',
    'acpid.service',
    'chrony.service',
    'auditd.service',
  ])('%s goes on: the machine needs it', unit => {
    expect(isBase(unit)).toBe(true);
  });

  test.each([
    'nginx.service',
    'postgresql@15-main.service',
    'mysql.service',
    'docker.service',
    'docker.socket',
    'cron.service',
    'crond.service',
    'atd.service',
    'rsyslog.service',
    'postfix@-.service',
    'snapd.socket',
    'cups.path',
    'app-worker.service',
    'mssql-server.service',
    'userapp.service',
    'sshguard-reports.service',
    'network-backup.service',
    'systemd-tmpfiles-clean.timer',
    'networkd-dispatcher-app.service',
  ])('%s is stopped', unit => {
    expect(isBase(unit)).toBe(false);
  });

  test('lines of systemctl are read, odd ones left out', () => {
    const text =
      '  nginx.service loaded active running A server\n● bad.service loaded active running x\n--help.service loaded active running x\n\nfoo\nphp.socket loaded active listening\n';
    expect(parseUnits(text)).toEqual([
      { unit: 'nginx.service', active: 'active', sub: 'running' },
      { unit: 'bad.service', active: 'active', sub: 'running' },
      { unit: 'php.socket', active: 'active', sub: 'listening' },
    ]);
  });

  test('what has ended is left alone, what is about to start again is not', () => {
    const rows = parseUnits(
      'a.service loaded active exited x\nb.service loaded activating auto-restart x\nc.service loaded failed failed x\nd.timer loaded active waiting x',
    );
    expect(unitsToStop(rows, { stop: [], keep: [] })).toEqual(['d.timer', 'b.service']);
  });

  test('a kept template keeps its instances; a stop of the plan wins over what the machine needs', () => {
    const rows = parseUnits(
      'db@1.service loaded active running x\nuser@1000.service loaded active running x\nx.mount loaded active mounted x',
    );
    expect(unitsToStop(rows, { stop: ['user@1000', 'x.mount'], keep: ['db@'] })).toEqual([
      'user@1000.service',
      'x.mount',
    ]);
  });

  test('stages hold every unit once, what starts others before what it starts', () => {
    const kinds = fc.constantFrom('timer', 'socket', 'path', 'service', 'mount');
    const units = fc.array(
      fc.tuple(fc.constantFrom('a', 'b', 'c', 'd@1'), kinds).map(each => each.join('.')),
    );
    fc.assert(
      fc.property(units, all => {
        const stages = inStages(all);
        expect(stages.flat().toSorted()).toEqual([...new Set(all)].sort());
        const firstService = stages.findIndex(stage => stage.some(unit => unit.endsWith('.service')));
        const lastTimer = stages.findLastIndex(stage => stage.some(unit => unit.endsWith('.timer')));
        if (firstService >= 0) expect(lastTimer).toBeLessThan(firstService);
        expect(stages.every(stage => stage.length > 0)).toBe(true);
      }),
    );
  });
});

test.each([
  ['Name: web1\nUUID:           4C4C-1\nState:          shut off\nAutostart:      enable\n', true],
  ['UUID: 4c4c-1\nState: shut off\nPersistent: no\n', false],
])('dominfo is read', (text, autostart) => {
  expect(parseDomainInfo(text)).toEqual({ uuid: '4c4c-1', state: 'shut off', autostart });
  expect(parseDomainInfo(text.replace(/State.*/, ''))).toBeUndefined();
});

const verified = (facts: Partial<NonNullable<MachineState['verified']>>) => ({
  ...{ pass: 2, passStartedAt: 0, ms: 1, filesCompared: 1, bytesCompared: 1, live: 0, at: 1 },
  mismatches: [],
  ...facts,
});

describe('the last copy', () => {
  test.each([
    ['nothing differs', {}, true],
    [
      'the journal of the system went on',
      { live: 1, livePaths: ['/var/log/journal/ab/system.journal'] },
      true,
    ],
    ['somebody wrote', { live: 1, livePaths: ['/srv/www/index.html'] }, false],
    ['more than is on record was written', { live: 2, livePaths: ['/var/log/wtmp'] }, false],
    ['an older journal counts only', { live: 1 }, false],
    ['a name that only begins like the system', { live: 1, livePaths: ['/var/log/journalist/x'] }, false],
    ['something differs without a write', { mismatches: ['>f.st... /etc/x'] }, false],
  ] as const)('%s', (_, facts, expected) => {
    const one = verified({
      ...facts,
      mismatches: [...('mismatches' in facts ? facts.mismatches : [])],
    } as Partial<NonNullable<MachineState['verified']>>);
    expect(isExact(one)).toBe(expected);
    if (!expected && one.mismatches.length === 0) expect(lateWrites(one)).not.toEqual([]);
  });

  const begun = () =>
    new Story(planOf())
      .begin()
      .evacuate('web1')
      .tell({
        type: 'cutover.begun',
        ...{ rehearse: false, dark: false, planHash: 'x', confirmed: 'x', open: [] },
      });
  const quiet: EventBody = { type: 'cutover.quiet', machine: 'web1', units: [] };

  test('is one of a pass that began after the quiet, by our own clock', () => {
    const story = begun().wait(1000);
    expect(quietSince(story.view, 'web1')).toBeUndefined();
    story.tell({ type: 'cutover.quieting', machine: 'web1', units: [] }, quiet);
    expect(lastVerified(story.view, 'web1')).toBeUndefined();
    story.wait(1000).pass('web1', 3).verify('web1', 3);
    expect(lastVerified(story.view, 'web1')?.pass).toBe(3);
  });

  test('an engineer who stopped it by hand answers for the quiet', () => {
    const story = begun()
      .wait(1000)
      .tell({
        type: 'cutover.item',
        ...{ item: 'quiet/web1', outcome: 'skipped', how: 'ticked', evidence: [], reason: 'by hand' },
      });
    expect(quietSince(story.view, 'web1')).toBe(story.now);
  });

  test('waits for the pass that was asked for and its comparison', () => {
    const story = begun().wait(1000).tell({ type: 'cutover.quieting', machine: 'web1', units: [] }, quiet);
    expect(lastCopyDeed('web1').needs?.(story.view)).toEqual([]);
    story.tell({ type: 'pass.requested', machine: 'web1', reason: 'the last copy' });
    expect(lastCopyDeed('web1').needs?.(story.view)).toEqual(['sync/web1/pass-3', 'sync/web1/verify-3']);
    story.wait(1000).pass('web1', 3);
    expect(lastCopyDeed('web1').needs?.(story.view)).toEqual(['sync/web1/verify-3']);
  });
});

describe('where a standby is', () => {
  const plan = planOf({
    networks: {
      'mia-servers': { site: 'miami', libvirt: 'servers', cidr: '10.20.0.0/24' },
      'dal-servers': { site: 'dallas', libvirt: 'servers', cidr: '10.30.0.0/24', replaces: 'mia-servers' },
    },
  });
  const story = new Story(plan)
    .begin()
    .observe('web1', { hostKeys: ['ssh-rsa AAAAr', 'ssh-ed25519 AAAAe', 'ecdsa-sha2-nistp256 AAAAn'] })
    .tell({
      type: 'cutover.begun',
      ...{ rehearse: false, dark: false, planHash: 'x', confirmed: 'x', open: [] },
    });

  test('is the moved address before it was asked, with the key and the UUID of its source', () => {
    expect(movedAddress(plan, '10.20.0.11')).toBe('10.30.0.11');
    expect(addressOf(plan, story.state, 'web1.standby')).toMatchObject({
      address: '10.30.0.11',
      user: 'root',
      pinned: 'ssh-ed25519 AAAAe',
    });
    expect(expectedIdentity(story.state, 'web1.standby')).toMatchObject({
      value: '4C4C4544-0000-1000-8000-000000000001',
      means: 'the standby of web1',
    });
  });

  test('is where it was found, and where the plan says before all', () => {
    const found = new Story(plan).retell(story.events).tell({
      type: 'cutover.standby-started',
      ...{ machine: 'web1', domain: 'web1', address: '10.30.0.99' },
    });
    expect(addressOf(plan, found.state, 'web1.standby').address).toBe('10.30.0.99');
    const named = planOf({ machines: { web1: machinePlan({ address_after: '10.30.0.7' }) } });
    expect(addressOf(named, found.state, 'web1.standby').address).toBe('10.30.0.7');
  });

  test.each([
    [['127.0.0.1', '172.17.0.1', '10.30.0.50', '10.30.0.11'], '10.30.0.11'],
    [['172.17.0.1', '10.30.0.50'], '10.30.0.50'],
    [['::1', '2001:db8::1', '172.17.0.1'], '172.17.0.1'],
    [['127.0.0.1'], undefined],
  ])('of %j it is %s', (addresses, expected) => {
    expect(bestOf(story.view, 'web1', addresses)).toBe(expected);
  });
});
