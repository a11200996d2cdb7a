import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareEtc, onReceiver, onSource, virsh, writtenSince } from '../../../src/readiness/by-hand.ts';
import { machinePlan, planOf } from '../../support/state.ts';

const plan = planOf({
  machines: {
    web1: machinePlan({
      target: {
        hypervisor: 'dal-kvm1',
        image: 'golden',
        network: 'dal-servers',
        address: 'rx1',
        port: 2222,
        user: 'root',
      },
    }),
  },
});
const web1 = plan.machines['web1'];
if (web1 === undefined) throw new Error('the plan of this test has no web1');

describe('commands to check by hand', () => {
  let bin: string;

  // Stands for ssh: hands its last word to a shell, as the far side would.
  beforeAll(() => {
    bin = mkdtempSync(join(tmpdir(), 'landfall-by-hand-'));
    writeFileSync(join(bin, 'ssh'), '#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n');
    chmodSync(join(bin, 'ssh'), 0o755);
  });
  afterAll(() => rmSync(bin, { recursive: true }));

  const paste = (line: string): string =>
    execFileSync('bash', ['--norc', '-c', line], {
      encoding: 'utf8',
      env: { PATH: `${bin}:/usr/bin:/bin`, LC_ALL: 'C.UTF-8' },
    });

  it('arrive word by word through both shells, whatever the words hold', () => {
    const word = fc.string({ unit: 'grapheme', maxLength: 20 }).filter(text => !text.includes('\0'));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), words => {
        const said = paste(onSource(plan, web1, ['printf', '%s\\n', ...words]));
        expect(said).toBe(words.map(each => `${each}\n`).join(''));
      }),
      { numRuns: 25 },
    );
  });

  it('name the port, the user and the hypervisor of the plan', () => {
    expect(onReceiver(plan, web1, ['true'])).toBe('ssh -p 2222 root@rx1 true');
    expect(virsh(plan, 'mia-kvm1', ['domstate', 'web1'])).toBe(
      "ssh root@10.20.0.1 'virsh -r -c qemu:///system domstate web1'",
    );
    expect(virsh(plan, 'constructor', ['version'])).toBeUndefined();
  });

  it('are commands that bash understands', () => {
    for (const line of [compareEtc(plan, web1), writtenSince(plan, web1, 1_700_000_000_999)]) {
      expect(() => execFileSync('bash', ['-n', '-c', line])).not.toThrow();
    }
  });
});
