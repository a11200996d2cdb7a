import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ProofCheck } from '../../../src/journal/proof-facts.ts';
import { consoleReason, isStuck } from '../../../src/prove/console-reasons.ts';
import {
  consoleLines,
  hasKernelLine,
  hasUserspaceMark,
  kernelStarts,
} from '../../../src/prove/console-text.ts';
import { type ReasonInput, reasonOf } from '../../../src/prove/reasons.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures/consoles');
const shown = (file: string): string[] => consoleLines(readFileSync(join(FIXTURES, file), 'utf8'));

const EXPECTED: Readonly<Record<string, readonly [kind: string, words: RegExp]>> = {
  'debian-missing-root.log': ['missing-root', /did not find the root file system UUID=7b9e4c11/],
  'dracut-timeout.log': ['dracut-timeout', /dracut/],
  'emergency-fstab.log': ['emergency-shell', /waited in vain for the device .*000bad/],
  'debian-12-emergency.log': [
    'emergency-shell',
    /waited in vain for the device .*, and .*lost.* was not mounted/,
  ],
  'kernel-panic-vfs.log': ['missing-root', /root file system UUID=7b9e4c11/],
  'kernel-panic-init.log': ['kernel-panic', /Attempted to kill init/],
  'fsck-failed.log': ['fsck-failed', /damage/],
  'relabel-loop.log': ['relabel-loop', /3 times/],
  'wait-online.log': ['no-network', /wait-online/],
  'failed-unit.log': ['failed-unit', /mariadb\.service/],
  'efi-shell.log': ['no-boot-loader', /boot loader/],
  'grub-rescue.screen': ['grub-rescue', /rescue prompt/],
  'grub-prompt.screen': ['grub-rescue', /no configuration/],
  'no-bootable-device.screen': ['no-boot-loader', /nothing to boot from/],
};

describe('what a console shows', () => {
  test.each(Object.entries(EXPECTED))('%s', (file, [kind, words]) => {
    const isScreen = file.endsWith('.screen');
    const reason = consoleReason(isScreen ? [] : shown(file), isScreen ? shown(file) : [], { weakToo: true });
    expect(reason?.kind).toBe(kind);
    expect(reason?.words).toMatch(words);
    expect(reason?.remedy.length).toBeGreaterThan(0);
    expect(reason?.evidence.length).toBeGreaterThan(0);
  });

  test('every recorded console has its reason', () => {
    const recorded = readdirSync(FIXTURES).filter(file => /\.(?:log|screen)$/.test(file));
    expect(recorded.filter(file => !file.startsWith('healthy') && EXPECTED[file] === undefined)).toEqual([]);
  });

  test('a healthy boot shows no sign at all', () => {
    const lines = shown('healthy-debian-12.log');
    expect(consoleReason(lines, [], { weakToo: true })).toBeUndefined();
    expect(hasKernelLine(lines)).toBe(true);
  });

  test('a failed unit is no reason to give up the watch, a shell in the initramfs is', () => {
    expect(isStuck(shown('failed-unit.log'), [])).toBe(false);
    expect(isStuck(shown('wait-online.log'), [])).toBe(false);
    expect(isStuck(shown('debian-missing-root.log'), [])).toBe(true);
  });

  test('colours and cursor movements of systemd do not hide what it says', () => {
    const lines = consoleLines('\u001b[0;1;31mFAILED\u001b[0m] x\r\n\u001b[2J\u001b[H[    0.5] ok\u0007\r\n');
    expect(lines[1]).toMatch(/^\[ {4}0\.5\] ok/);
    expect(lines.join('')).not.toContain('\u001b');
  });

  test('kernels and the mark of userspace', () => {
    expect(hasKernelLine(shown('failed-unit.log'))).toBe(true);
    expect(hasKernelLine(shown('no-bootable-device.screen'))).toBe(false);
    expect(kernelStarts(shown('relabel-loop.log'))).toBe(3);
    expect(hasUserspaceMark('x LANDFALL-USERSPACE 5d2f0a', '5d2f0a')).toBe(true);
    expect(hasUserspaceMark('LANDFALL-USERSPACE other', '5d2f0a')).toBe(false);
  });

  test('whatever a console shows, it is read in linear time and never throws', () => {
    void fc.assert(
      fc.property(fc.string({ maxLength: 2000, unit: 'binary' }), text => {
        const lines = consoleLines(text);
        consoleReason(lines, lines, { weakToo: true });
        expect(lines.every(line => !line.includes('\n'))).toBe(true);
      }),
    );
  });
});

const check = (
  name: ProofCheck['check'],
  verdict: ProofCheck['verdict'],
  found = 'x',
  detail: string[] = [],
): ProofCheck => ({ check: name, verdict, found, detail });

const input = (overrides: Partial<ReasonInput>): ReasonInput => ({
  machine: 'web1',
  checks: [],
  console: ['[    0.000000] Linux version 6.1'],
  screen: [],
  end: 'evidence',
  limitMs: 600_000,
  ...overrides,
});

describe('why a copy did not prove itself', () => {
  test('no failed check, no reason', () => {
    expect(reasonOf(input({ checks: [] }))).toBeUndefined();
  });

  test('a touched replica and a way out come before everything else', () => {
    const checks = [
      check('userspace', 'fail'),
      check('isolation', 'fail'),
      check('untouched', 'fail', 'vda changed'),
    ];
    expect(reasonOf(input({ checks }))?.kind).toBe('replica-touched');
    expect(reasonOf(input({ checks: checks.slice(0, 2) }))?.kind).toBe('not-isolated');
  });

  test('silence, a switch-off and a deadline are told apart', () => {
    const checks = [check('kernel', 'fail'), check('userspace', 'fail')];
    expect(reasonOf(input({ checks, console: [], end: 'deadline' }))?.kind).toBe('no-console');
    expect(reasonOf(input({ checks, end: 'gone' }))?.words).toMatch(/switched itself off/);
    expect(reasonOf(input({ checks, end: 'deadline' }))?.words).toMatch(/not come up after 10m/);
    expect(
      reasonOf(input({ checks, console: [], screen: shown('no-bootable-device.screen'), end: 'stuck' }))
        ?.kind,
    ).toBe('no-boot-loader');
  });

  test('a copy whose network is down is not told to mend its web server', () => {
    const units = check('units', 'fail', '2 units do not run', [
      'failed: networking.service',
      'not running: nginx.service',
    ]);
    expect(reasonOf(input({ checks: [units], console: shown('wait-online.log') }))?.kind).toBe('no-network');
    const other = check('units', 'fail', '1 unit does not run', ['failed: nginx.service']);
    expect(reasonOf(input({ checks: [other] }))?.kind).toBe('failed-unit');
  });

  test('the first check that fails in the order of a boot is the reason', () => {
    const checks = [check('host-key', 'fail', 'its key is another'), check('sockets', 'fail')];
    const reason = reasonOf(input({ checks }));
    expect(reason).toMatchObject({ kind: 'wrong-host-key', words: 'It boots, but its key is another.' });
  });
});
