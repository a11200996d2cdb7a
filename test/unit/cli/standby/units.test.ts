import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intervalOf } from '../../../../src/cli/standby/interval.ts';
import { cronLine, systemdWord, unitsOf } from '../../../../src/cli/standby/units.ts';
import { LandfallError } from '../../../../src/foundation/errors.ts';
import { runLocal } from '../../../../src/remote/local.ts';
import { planOf } from '../../../support/state.ts';

const argv = ['/usr/bin/node', '/opt/landfall/main.js', 'standby', '/etc/plans/plan.yaml', 'once'];
const units = (words: readonly string[] = argv, system = true) =>
  unitsOf({ evacuation: 'storm', argv: words, everySeconds: 180, system });

/** A word as systemd reads it: systemd.syntax(7) quoting, then specifiers, then variables. */
function asSystemdReads(quoted: string): string {
  const inner = quoted.slice(1, -1).replace(/\\(["\\])/g, '$1');
  return inner.replaceAll('%%', '%').replaceAll('$$', () => '$');
}

const hostile = fc
  .string({
    unit: fc.constantFrom('a', ' ', '"', "'", '\\', '%', '$', '{', '}', ';', '#', '`', 'é', '-', '%i'),
  })
  .filter(text => text.length > 0);

describe('units', () => {
  it('hold every word as it is, whatever stands in it', () => {
    fc.assert(
      fc.property(hostile, word => {
        const quoted = systemdWord(word);
        expect(asSystemdReads(quoted)).toBe(word);
        // Nothing in it can end the word: every quote inside is escaped.
        expect(quoted.slice(1, -1).replace(/\\[\\"]/g, '')).not.toMatch(/["\\]/);
        expect(quoted).not.toContain('\n');
        expect(quoted.replaceAll('%%', '')).not.toContain('%');
        expect(quoted.replaceAll('$$', '')).not.toContain('$');
      }),
    );
  });

  it('refuse what no line can hold', () => {
    expect(() => systemdWord('a\nExecStart=/bin/evil')).toThrow(LandfallError);
    expect(() => cronLine({ argv: ['a\nb'], everySeconds: 60 })).toThrow(LandfallError);
    expect(() => unitsOf({ evacuation: 's', argv, everySeconds: 1, system: true, envFile: 'env' })).toThrow(
      LandfallError,
    );
  });

  it('look again so often after a cycle has ended, and never two at once', () => {
    const { service, timer } = units();
    expect(timer).toContain('OnUnitInactiveSec=180s');
    expect(service).toContain('Type=oneshot');
    expect(service).toContain('After=network-online.target');
    expect(units(argv, false).service).not.toContain('network-online');
  });

  // Only where systemd is: it reads the files as it will read them later.
  it('are sound to systemd itself', async context => {
    const analyze = await runLocal(['systemd-analyze', '--version']).catch(() => undefined);
    if (analyze === undefined) return context.skip();
    const folder = await mkdtemp(join(tmpdir(), 'landfall-units-'));
    try {
      const words = [...argv, 'it is 100% "mine" $HOME \\ ; #', "o'clock"];
      const { name, service, timer } = units(words);
      for (const [suffix, text] of [
        ['service', service],
        ['timer', timer],
      ] as const)
        await writeFile(join(folder, `${name}.${suffix}`), text);
      const files = [join(folder, `${name}.service`), join(folder, `${name}.timer`)];
      const { code, stderr } = await runLocal(['systemd-analyze', 'verify', '--man=no', ...files], {
        codes: [0, 1],
      });
      const said = stderr
        .toString()
        .split('\n')
        .filter(line => line.includes('landfall-standby-storm'));
      expect(said).toEqual([]);
      expect(code).toBe(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the line for cron', () => {
  it('comes as often as the shortest RPO asks, and keeps percent signs', () => {
    expect(cronLine({ argv: ['/bin/a', '100% o k'], everySeconds: 180 })).toBe(
      "*/3 * * * * /bin/a '100\\% o k' >/dev/null",
    );
    expect(cronLine({ argv: ['a'], everySeconds: 10 })).toMatch(/^\*\/1 /);
    expect(cronLine({ argv: ['a'], everySeconds: 7200 })).toMatch(/^7 \*\/2 \* \* \* /);
  });

  it('looks five times within the shortest interval', () => {
    expect(intervalOf(planOf())).toBe(180);
    expect(intervalOf(planOf({ passes: { every: '1h' } }))).toBe(720);
    expect(intervalOf(planOf({ passes: { every: '2m' } }))).toBe(60);
    expect(intervalOf(planOf({ passes: { every: '7d' } }))).toBe(900);
  });
});
