import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instructionOf } from '../../../src/reports/instruction.ts';
import { NEVER_COPIED } from '../../../src/reports/machine.ts';
import { markdownOf } from '../../../src/reports/markdown.ts';
import { code } from '../../../src/reports/markdown-parts.ts';
import { reportOf } from '../../../src/reports/model.ts';
import { statusTable } from '../../../src/reports/text.ts';
import { excludePatterns } from '../../../src/sync/movers/files/exclude.ts';
import { machinePlan, planOf, Story } from '../../support/state.ts';

/** What a user's review of status and report found. */

const FORGET = "ssh-keygen -R '[127.77.1.16]:30155' -f /home/dana/lab_with_a_long_name/known_hosts";
const machines = { web1: machinePlan(), app1: machinePlan(), db1: machinePlan() };
const failures = (): Story =>
  new Story(planOf({ machines }))
    .begin()
    .observe('web1')
    .fail('web1', {
      what: 'the host key of web1 has changed',
      next: ['compare on the console of web1', `only if it was rebuilt, forget the old key: ${FORGET}`],
      evidence: ['known: SHA256:aaa', 'shown: SHA256:bbb'],
    })
    .fail('app1', {
      what: 'virsh define failed on dal-kvm1',
      next: ['see what libvirt says'],
      evidence: ['error: internal error: no free PCI slots'],
    })
    .fail('db1', {
      what: 'virsh start failed on dal-kvm1',
      next: ['see what libvirt says'],
      evidence: ['error: Cannot access storage file /srv/db1.qcow2'],
    });
const reported = (story: Story) => reportOf(story.view, story.now);
const status = (story: Story, width = 80): string => statusTable(reported(story), { width, unicode: true });

describe('review: the status', () => {
  it('gives each step of a remedy a line, and a command one of its own, whole at any width', () => {
    for (const width of [20, 40, 80])
      expect(status(failures(), width).split('\n')).toContain(`    ${FORGET}`);
    const lines = status(failures()).split('\n');
    expect(lines).toContain('  next: compare on the console of web1');
    expect(lines).toContain('  next: only if it was rebuilt, forget the old key:');
  });

  it('keeps failures with different remedies apart, and what each says where the remedy is one', () => {
    const { next } = reported(failures());
    expect(next.map(each => each.subjects)).toContainEqual(['web1']);
    expect(next.find(each => each.subjects.includes('app1'))?.subjects).toEqual(['app1', 'db1']);
    const text = status(failures(), 200);
    expect(text).toContain('app1: error: internal error: no free PCI slots');
    expect(text).toContain('db1: error: Cannot access storage file /srv/db1.qcow2');
    expect(text).toContain('virsh define failed');
    expect(text).toContain('virsh start failed');
  });

  it('cuts no state at 80 columns: figures go first', () => {
    const told = failures().fail('web1', { code: 'ssh.host-key-changed' });
    expect(status(told)).toContain('✖ host key changed');
  });

  it('shows the first line of what the failed program said', () => {
    expect(status(failures())).toContain('  known: SHA256:aaa');
    expect(status(failures())).not.toContain('SHA256:bbb');
  });

  it('loses no letter of a reason or remedy, however narrow', () => {
    const { next } = reported(failures());
    const letters = (text: string): string => text.replace(/\s/g, '');
    const narrow = letters(status(failures(), 24));
    for (const each of next) {
      for (const text of [each.what, ...each.evidence, ...each.steps])
        expect(narrow).toContain(letters(text));
    }
  });

  it('names the plan file in words where an error says PLAN', () => {
    const story = new Story().begin().fail('web1', { next: ['go on there: landfall run PLAN --take-over'] });
    expect(JSON.stringify(reported(story))).not.toMatch(/\bPLAN\b/);
    expect(status(story)).toContain('    landfall run <the plan file> --take-over');
  });
});

describe('review: the Markdown', () => {
  it('shows commands as they are pasted', () => {
    const text = markdownOf(reported(failures()));
    expect(text).toContain(`**do**: only if it was rebuilt, forget the old key: \`${FORGET}\``);
    expect(text).toContain(`next: only if it was rebuilt, forget the old key: \`${FORGET}\``);
    expect(text).not.toContain('\\[127.77.1.16\\]');
  });

  it('fences commands that hold backticks, so that none ends the span', () => {
    const word = fc.string({ unit: fc.constantFrom('`', ' ', 'a', '\\'), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(word, text => {
        const span = code(text);
        const marks = /^`+/.exec(span)?.[0] ?? '';
        const inside = span.slice(marks.length, -marks.length);
        expect(span.endsWith(marks)).toBe(true);
        expect(inside.match(/`+/g) ?? []).not.toContain(marks);
        const stripped = /^ .*[^ ].* $/.test(inside) ? inside.slice(1, -1) : inside;
        expect(stripped.trim()).toBe(text.trim());
      }),
    );
  });

  it('says what landfall has put where, and until when', () => {
    const story = new Story().begin().ready('web1');
    const text = markdownOf(reported(story));
    expect(text).toContain('## What landfall has put where');
    expect(text).toContain('/run/landfall/miami-to-dallas/path-web1/');
    expect(text).toContain('landfall:miami-to-dallas:web1');
    expect(text).toContain('it expires, 2026-11-24 12:00 UTC');
    expect(text).toContain('domain landfall-e-web1-receiver');
    expect(text).toContain('landfall-e-web1-vda.qcow2');
    expect(reported(new Story().begin()).placed).toEqual([]);
  });

  it('lists what does not travel, and warns of swap files with the command that makes them', () => {
    const swap = [
      { path: '/swap file', size: 2 * 1024 ** 3 },
      { path: '/dev/vda2', size: 1024 ** 3 },
    ];
    const plan = planOf({ machines: { web1: machinePlan({ exclude: ['/var/cache'] }) } });
    const story = new Story(plan).begin().observe('web1', { swap }).build('web1');
    story.tell({
      type: 'receiver.reachable',
      machine: 'web1',
      hostKey: 'ssh-ed25519 AAAA',
      addresses: ['10.30.0.11'],
    });
    const report = reported(story);
    expect(report.machines[0]?.layout.notCopied).toEqual([
      { path: '/swap file', why: 'swap file' },
      { path: '/var/cache', why: 'excluded by the plan' },
    ]);
    expect(markdownOf(report)).toContain(
      'does not travel: /swap file (swap file), /var/cache (excluded by the plan)',
    );
    const gate = report.machines[0]?.gates.find(each => each.check === 'swap-files');
    expect(gate).toMatchObject({ verdict: 'fail', severity: 'warning' });
    expect(gate?.evidence).toEqual(['/swap file (2.15 GB) does not travel']);
    const { command } = instructionOf(gate?.remedySteps[0] ?? '');
    expect(command).toContain('/mnt/t/swap file');
    expect(command).toContain(' 2048');
    expect(() => execFileSync('bash', ['-n', '-c', command ?? '('])).not.toThrow();
  });

  it('says of the same directories as sync that nothing in them travels', () => {
    const patterns = excludePatterns({
      mountpoint: '/',
      type: 'ext4',
      mountpoints: ['/'],
      swap: [],
      planned: [],
    });
    expect(patterns.filter(each => /^\/[a-z]+\/\*$/.test(each))).toEqual(
      NEVER_COPIED.map(each => `${each}/*`),
    );
  });
});

describe('review: commands inside sentences', () => {
  it.each([
    ['take it: landfall run <the plan file>', 'landfall run <the plan file>'],
    ['virsh destroy x; virsh undefine x; then run again', 'virsh destroy x; virsh undefine x'],
    ['to stop it: kill 12 (it ends in order)', 'kill 12'],
    [`make it: sh -c 'if a; then b' sh`, `sh -c 'if a; then b' sh`],
    ['on jump1: ps -fp 12', 'ps -fp 12'],
  ])('finds the one in %j', (text, command) => {
    const found = instructionOf(text);
    expect(found.command).toBe(command);
    expect(`${found.lead}${found.command ?? ''}${found.tail}`).toBe(text);
  });

  it.each([
    'see what is behind the address: ssh to it and read /etc/hostname',
    'enlarge the replica volume',
    'name a config file in the plan: ssh: { config: FILE }',
    'kill the writer',
  ])('finds none in %j', text => {
    expect(instructionOf(text)).toEqual({ lead: text, tail: '' });
  });
});
