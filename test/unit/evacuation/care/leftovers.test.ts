import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { leftoversText } from '../../../../src/cli/leftovers.ts';
import { findLeftovers, LEFTOVERS_SCRIPT, readLeftovers } from '../../../../src/evacuation/care/leftovers.ts';
import { scriptedHost } from '../../../support/scripted-host.ts';
import { machinePlan, planOf, Story } from '../../../support/state.ts';

const MARKS = { good: '+', warn: '!', bad: 'x' };

/** What the script finds in a directory that stands for a host. */
function found(files: Readonly<Record<string, string>>, running: readonly string[] = []) {
  const root = mkdtempSync(path.join(tmpdir(), 'landfall-left-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    // An hour from now: the clock of the host was set back since.
    if (name.includes('future')) utimesSync(file, Date.now() / 1000 + 3600, Date.now() / 1000 + 3600);
  }
  const text = execFileSync(
    '/bin/sh',
    ['-c', LEFTOVERS_SCRIPT, 'sh', path.join(root, 'run'), path.join(root, 'scratch')],
    { env: { PATH: process.env['PATH'], HOME: path.join(root, 'home') }, encoding: 'utf8' },
  );
  return readLeftovers('web1', text.replaceAll(root, ''), new Set(running));
}

it('jobs, files, pieces and keys are found with their age and owner; what runs is told apart', () => {
  const left = found(
    {
      'run/storm/web1-p3-0/argv': '5 rsync\n',
      'run/storm/web1-p3-0/pid': `${process.pid} - 0\n`,
      'run/storm/web1-v2-0/argv': '5 rsync\n',
      'run/storm/web1-v2-0/code': '0 1\n',
      'run/storm/path-web1/future': 'x',
      'run/storm/recv future': 'x',
      'run/drill/recv': 'x',
      'scratch/storm/web1-p3-vda.qcow2': 'x',
      'scratch/storm/.compare-web1/list': 'x',
      'home/.ssh/authorized_keys': [
        'ssh-ed25519 AAAA dana@jump1',
        'restrict,command="sh /run/landfall/storm/recv" ssh-ed25519 BBBB landfall:storm:web1',
        '# landfall',
        '',
      ].join('\n'),
    },
    ['storm'],
  );
  const words = left.map(({ kind, name, evacuation, running, inUse }) =>
    [kind, name, evacuation, running === true ? 'running' : '', inUse ? 'in use' : '']
      .filter(Boolean)
      .join(' '),
  );
  expect(words.toSorted()).toEqual([
    'file path-web1 storm in use',
    'file recv drill',
    'file recv future storm in use',
    'job web1-p3-0 storm running in use',
    'job web1-v2-0 storm in use',
    'key landfall:storm:web1 storm in use',
    'pieces /scratch/storm/.compare-web1 storm in use',
    'pieces /scratch/storm/web1-p3-vda.qcow2 storm in use',
  ]);
  // A clock that was set back makes nothing younger than new.
  expect(left.every(({ ageSeconds = 0 }) => ageSeconds >= 0 && ageSeconds < 3600)).toBe(true);
});

it('keys of a hypervisor are those of the user who logs in there, whoever asks', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'landfall-left-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const keys = (home: string, owner: string): void => {
    mkdirSync(path.join(root, home, '.ssh'), { recursive: true });
    const line = `ssh-ed25519 AAAA landfall:storm:${owner}\n`;
    writeFileSync(path.join(root, home, '.ssh/authorized_keys'), line);
  };
  keys('root', 'web1');
  keys('dana', 'link:mia-kvm1:dal-kvm1');
  mkdirSync(path.join(root, 'bin'));
  const getent = `#!/bin/sh\necho "$2:x:1000:1000::${root}/dana:/bin/sh"\n`;
  writeFileSync(path.join(root, 'bin/getent'), getent, { mode: 0o755 });
  const ask = (env: NodeJS.ProcessEnv): string[] => {
    const text = execFileSync('/bin/sh', ['-c', LEFTOVERS_SCRIPT, 'sh', path.join(root, 'run')], {
      env: { PATH: `${root}/bin:${process.env['PATH']}`, ...env },
      encoding: 'utf8',
    });
    return readLeftovers('dal-kvm1', text, new Set()).map(({ name }) => name);
  };
  expect(ask({ HOME: `${root}/root`, SUDO_USER: 'dana' })).toEqual([
    'landfall:storm:web1',
    'landfall:storm:link:mia-kvm1:dal-kvm1',
  ]);
  expect(ask({ HOME: `${root}/dana`, SUDO_USER: 'dana' })).toHaveLength(1);
  expect(ask({ HOME: `${root}/root` })).toEqual(['landfall:storm:web1']);
});

it('a clean host has nothing', () => {
  expect(found({ 'home/.ssh/authorized_keys': 'ssh-ed25519 AAAA dana@jump1\n' })).toEqual([]);
});

it('a host that does not answer is named, and nothing is said to be clean', async () => {
  const story = new Story(planOf({ machines: { web1: machinePlan() } })).begin();
  const left = await findLeftovers(
    {
      plan: story.plan,
      state: story.state,
      running: new Set(),
      host: async id =>
        scriptedHost(id, line => {
          if (id === 'web1') return { code: 1, stderr: 'no' };
          return line.includes('authorized_keys') ? 'file miami-to-dallas recv 3600\n' : '';
        }),
    },
    new AbortController().signal,
  );
  expect(left.unasked.map(({ host }) => host)).toEqual(['web1']);
  expect(left.found.map(({ host }) => host)).toEqual(['dal-kvm1', 'mia-kvm1']);
  const text = leftoversText(left, 'miami-to-dallas', MARKS);
  expect(text).toContain('! file recv (of miami-to-dallas, 1h00m old)');
  expect(text).toContain('x web1: not asked: ');
  expect(text).toContain('next: landfall clean removes what is left of miami-to-dallas');
  expect(leftoversText({ found: [], unasked: left.unasked }, 'e', MARKS)).not.toContain(
    'nothing of landfall is on',
  );
  expect(leftoversText({ found: [], unasked: [] }, 'e', MARKS)).toContain(
    'nothing of landfall is on these hosts',
  );
});
