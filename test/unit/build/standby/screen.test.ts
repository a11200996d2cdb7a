import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseScreen, screenTextArgv } from '../../../../src/build/standby/screen.ts';

const ANSWER = readFileSync(new URL('no-bootable-device.txt', import.meta.url), 'utf8');

/** The monitor's dump of a screen with these lines, light grey on black. */
function dump(lines: readonly string[]): string {
  const cells = Array.from({ length: 25 }, (_, row) => (lines[row] ?? '').padEnd(80)).join('');
  const words = [...cells].map(each => `0x07${each.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return Array.from({ length: 250 }, (_, at) => {
    const address = (0xb8000 + at * 16).toString(16).padStart(16, '0');
    return `${address}: ${words.slice(at * 8, at * 8 + 8).join(' ')}`;
  }).join('\r\n');
}

it('reads what SeaBIOS says about a disk without a boot loader', () => {
  const screen = parseScreen(ANSWER);
  expect(screen[0]).toMatch(/^SeaBIOS \(version /);
  expect(screen).toContain('No bootable device.');
});

it('reads every screen of printable characters', () => {
  const line = fc.string({ unit: 'grapheme-ascii', maxLength: 80 }).filter(text => /^[ -~]*$/.test(text));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 25 }), lines => {
      const kept = lines.map(text => text.trimEnd());
      while (kept.at(-1) === '') kept.pop();
      expect(parseScreen(dump(lines))).toEqual(kept);
    }),
  );
});

it('has nothing where the card is in a graphics mode or nobody answers', () => {
  expect(parseScreen(dump([]).replace(/0x07../g, '0xffff'))).toEqual([]);
  expect(parseScreen('error: Requested operation is not valid: domain is not running')).toEqual([]);
  expect(parseScreen('')).toEqual([]);
});

it('asks through libvirt', () => {
  expect(screenTextArgv('qemu:///system', 'landfall-e-web1-proof')).toEqual([
    'virsh',
    '-c',
    'qemu:///system',
    'qemu-monitor-command',
    'landfall-e-web1-proof',
    '--hmp',
    'xp /2000hx 0xb8000',
  ]);
});
