import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MachineState } from '../../../src/journal/state.ts';
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

const receiverWith = (hostKey: string | undefined): MachineState => ({
  name: 'web1',
  passes: [],
  receiver: { domain: 'd', uuid: 'u', ...(hostKey === undefined ? {} : { hostKey }) },
});

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
    expect(virsh(plan, 'mia-kvm1', ['domstate', 'web1'])).toBe(
      "ssh root@10.20.0.1 'virsh -r -c qemu:///system domstate web1'",
    );
    expect(virsh(plan, 'constructor', ['version'])).toBeUndefined();
  });

  it('review: bring the pinned key of a receiver along, and are none where no key is known', () => {
    const [known, none] = [receiverWith('ssh-ed25519 AAAAC3Nz+/a= a comment'), receiverWith('x; rm -r /')];
    expect(onReceiver(plan, web1, known, ['true'])).toBe(
      "ssh -o 'KnownHostsCommand=/bin/echo %H ssh-ed25519 AAAAC3Nz+/a=' -o StrictHostKeyChecking=yes -p 2222 root@rx1 true",
    );
    for (const state of [none, receiverWith(undefined), undefined]) {
      expect(onReceiver(plan, web1, state, ['true'])).toBeUndefined();
      expect(compareEtc(plan, web1, state)).toBeUndefined();
    }
  });

  it('are commands that bash understands', () => {
    for (const line of [
      compareEtc(plan, web1, receiverWith('ssh-ed25519 AAAA')) ?? '(',
      writtenSince(plan, web1, 1_700_000_000_999),
    ]) {
      expect(() => execFileSync('bash', ['-n', '-c', line])).not.toThrow();
    }
  });
});
