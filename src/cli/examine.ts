import { constants } from 'node:fs';
import { access, mkdir, statfs } from 'node:fs/promises';
import { addressOf, sshConfigOf } from '../evacuation/addresses.ts';
import { asLandfallError } from '../foundation/errors.ts';
import type { ExitCode } from '../foundation/exit-codes.ts';
import { harmless } from '../foundation/text.ts';
import { counted, formatBytes } from '../foundation/units.ts';
import { EMPTY_STATE } from '../journal/state.ts';
import { hasLogin } from '../plan/login.ts';
import { readPlan } from '../plan/read.ts';
import { createHosts } from '../remote/hosts.ts';
import { runLocal } from '../remote/local.ts';
import type { Io } from './io.ts';
import { VERSION } from './version.ts';

export interface Finding {
  readonly subject: string;
  readonly verdict: 'good' | 'warn' | 'bad';
  readonly found: string;
  /** Verbatim lines, such as fingerprints. */
  readonly evidence?: readonly string[];
  readonly next?: readonly string[];
  /** The exit code that this finding deserves, where it is not the ordinary failure. */
  readonly exit?: ExitCode;
}

/** A state directory on a disk with less than this is a run that will stop in the night. */
const STATE_SPACE = 500e6;

/** What this machine has of what landfall needs; looks, and makes the state directory. */
export async function examineMachine(io: Io, root: string): Promise<Finding[]> {
  return [
    { subject: 'landfall', verdict: 'good', found: `${VERSION} on Node ${process.versions.node}` },
    await program(
      'ssh',
      ['ssh', '-V'],
      'bad',
      'install the OpenSSH client (openssh-client, openssh-clients)',
    ),
    await program(
      'ssh-keygen',
      ['ssh-keygen', '-?'],
      'bad',
      'install the OpenSSH client (openssh-client, openssh-clients)',
    ),
    await program(
      'rsync',
      ['rsync', '--version'],
      'warn',
      'install rsync; only the rehearsal on this machine needs it here',
    ),
    await program(
      'git',
      ['git', '--version'],
      'warn',
      'install git, so that every milestone of an evacuation is committed',
    ),
    await agent(io),
    await stateDirectory(root),
    {
      subject: 'terminal',
      verdict: 'good',
      found: `${io.columns} columns, ${io.unicode ? 'Unicode' : 'ASCII only'}, ${io.colour ? 'colour' : 'no colour'}, ${io.canAnimate ? 'live lists' : 'plain lines'}`,
    },
  ];
}

async function program(
  subject: string,
  argv: readonly [string, ...string[]],
  absent: 'warn' | 'bad',
  next: string,
): Promise<Finding> {
  try {
    // Some of these answer a question about themselves with a usage error: the first line is what we want.
    const { stdout, stderr } = await runLocal(argv, { codes: [0, 1, 255], timeoutMs: 10_000 });
    const [first = ''] = `${stdout.toString('utf8')}${stderr.toString('utf8')}`.trim().split('\n');
    return { subject, verdict: 'good', found: subject === 'ssh-keygen' ? 'found' : harmless(first) };
  } catch (thrown) {
    return { subject, verdict: absent, found: asLandfallError(thrown).facts.what, next: [next] };
  }
}

async function agent(io: Io): Promise<Finding> {
  const subject = 'SSH agent';
  const socket = io.env['SSH_AUTH_SOCK'];
  if (socket === undefined || socket === '') {
    return {
      subject,
      verdict: 'warn',
      found: 'none (SSH_AUTH_SOCK is not set)',
      next: ['unencrypted key files work; for encrypted ones: eval "$(ssh-agent)" && ssh-add'],
    };
  }
  try {
    const { code, stdout } = await runLocal(['ssh-add', '-l'], { codes: [0, 1, 2], timeoutMs: 10_000 });
    if (code === 0) {
      const keys = stdout.toString('utf8').trim().split('\n').length;
      return { subject, verdict: 'good', found: counted(keys, 'key') };
    }
    return code === 1
      ? { subject, verdict: 'warn', found: 'running, without keys', next: ['ssh-add ~/.ssh/id_ed25519'] }
      : {
          subject,
          verdict: 'warn',
          found: 'SSH_AUTH_SOCK points to no agent',
          next: ['eval "$(ssh-agent)" && ssh-add'],
        };
  } catch (thrown) {
    return {
      subject,
      verdict: 'warn',
      found: asLandfallError(thrown).facts.what,
      next: ['install the OpenSSH client'],
    };
  }
}

async function stateDirectory(root: string): Promise<Finding> {
  const subject = 'state';
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
    await access(root, constants.W_OK);
    const { bavail, bsize } = await statfs(root);
    const free = bavail * bsize;
    return free < STATE_SPACE
      ? {
          subject,
          verdict: 'warn',
          found: `${root}, only ${formatBytes(free)} free`,
          next: ['make room, or choose another place with --state'],
        }
      : { subject, verdict: 'good', found: `${root}, ${formatBytes(free)} free` };
  } catch (thrown) {
    const what = thrown instanceof Error ? thrown.message : String(thrown);
    return {
      subject,
      verdict: 'bad',
      found: `${root} cannot be written: ${what}`,
      next: ['choose another place with --state or LANDFALL_STATE'],
    };
  }
}

/** Logs in to every host that exists before the evacuation: hypervisors and source machines. */
export async function examineHosts(
  io: Io,
  planPath: string,
  sshConfig: string | undefined,
): Promise<Finding[]> {
  const loaded = await readPlan(planPath, io.clock.now(), { running: true });
  const { plan } = loaded;
  const hosts = createHosts({
    runtime: { evacuation: plan.name },
    configFile: sshConfig ?? sshConfigOf(loaded),
    agentSocket: io.env['SSH_AUTH_SOCK'],
    clock: io.clock,
    resolve: id => addressOf(plan, EMPTY_STATE, id),
  });
  try {
    const ids = [
      ...Object.keys(plan.hypervisors),
      ...Object.keys(plan.machines).filter(name => hasLogin(plan, name)),
    ];
    return await Promise.all(
      ids.map(async (id): Promise<Finding> => {
        try {
          const host = await hosts.get(id);
          const { ms } = await host.exec(['true'], { timeoutMs: 20_000, signal: io.signal });
          return {
            subject: id,
            verdict: 'good',
            found: `host key verified, logged in, answers in ${Math.round(ms)} ms`,
          };
        } catch (thrown) {
          const { facts, exit } = asLandfallError(thrown);
          return {
            subject: id,
            verdict: 'bad',
            found: harmless(facts.what),
            evidence: (facts.evidence ?? []).map(harmless),
            next: facts.next.map(harmless),
            exit,
          };
        }
      }),
    );
  } finally {
    await hosts.closeAll();
  }
}
