import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { surveyByInput } from '../../src/inventory/collector/collector.ts';
import { formatArgv } from '../../src/remote/quote.ts';
import { look, TICK_MS } from './footprint.ts';
import type { ManyHosts } from './inventory-hosts.ts';

const ROOT = join(import.meta.dirname, '../..');
const SAMPLE_MS = 50;

/** landfall as it is installed where it is built, otherwise from its sources: with the same words to Node. */
export const program: readonly string[] = existsSync(join(ROOT, 'dist/cli/main.js'))
  ? [join(ROOT, 'scripts/landfall')]
  : [process.execPath, '--max-semi-space-size=2', join(ROOT, 'src/cli/main.ts')];

export interface Measured {
  readonly exitCode: number | undefined;
  /** From the engine's start until the last living machine was surveyed, by the journal. */
  readonly livingMs: number;
  /** Until the process ended: with a dead host, what giving up on it takes. */
  readonly wallMs: number;
  readonly peakMB: number;
  /** The process's own, its children left out. */
  readonly cpuMs: number;
}

const eventLine = z.looseObject({ type: z.string(), at: z.number(), machine: z.string().optional() });

/** One `landfall inventory PLAN --json`. Throws where a living machine was not surveyed: then nothing was measured. */
export async function measureInventory(many: ManyHosts, name: string, root: string): Promise<Measured> {
  const words = [
    'inventory',
    many.plan,
    '--json',
    '--ssh-config',
    many.sshConfig,
    '--state',
    join(root, 'evacuations'),
  ];
  const [file = '', ...before] = program;
  const began = performance.now();
  const running = execa(file, [...before, ...words], {
    reject: false,
    stdin: 'ignore',
    env: { CI: '1', NO_COLOR: '1', XDG_STATE_HOME: root },
  });
  let peakMB = 0;
  let cpuMs = 0;
  const timer = setInterval(() => {
    const seen = look(running.pid);
    peakMB = Math.max(peakMB, seen?.peakMB ?? 0);
    cpuMs = Math.max(cpuMs, seen?.cpuMs ?? 0);
  }, SAMPLE_MS);
  const { exitCode, stdout, stderr } = await running.finally(() => clearInterval(timer));
  const wallMs = performance.now() - began;
  const journal = await readFile(join(root, 'evacuations', name, 'journal.jsonl'), 'utf8').catch(() => '');
  const events = journal
    .split('\n')
    .filter(line => line !== '')
    .map(line => eventLine.parse(JSON.parse(line)));
  const started = events.find(({ type }) => type === 'evacuation.started')?.at;
  const surveyed = new Map(
    events.flatMap(({ type, at, machine }) =>
      type === 'machine.surveyed' && machine !== undefined ? [[machine, at] as const] : [],
    ),
  );
  const missing = [...many.living.keys()].filter(machine => !surveyed.has(machine));
  if (started === undefined || missing.length > 0 || stdout === '')
    throw new Error(
      `${name}: exit code ${exitCode}, ${missing.length} living machines not surveyed\n${stderr.split('\n').slice(-30).join('\n')}`,
    );
  const last = Math.max(...[...many.living.keys()].map(machine => surveyed.get(machine) ?? 0));
  return { exitCode, livingMs: last - started, wallMs, peakMB, cpuMs };
}

export interface Alone {
  /** With nothing of landfall at work; what else this machine does is in it. */
  readonly wallMs: number;
  /** Of the lab and all that it started: what this machine has to do for one collector, however busy it is. */
  readonly cpuMs: number;
}

/** What the collector takes on one host of the lab, by OpenSSH and without landfall. */
export async function collectorAlone(many: ManyHosts, machine: string, lab: number): Promise<Alone> {
  const { argv, stdin } = surveyByInput();
  const before = spentBy(lab);
  const began = performance.now();
  const { stdout } = await execa('ssh', ['-F', many.sshConfig, machine, formatArgv(argv)], { input: stdin });
  const wallMs = performance.now() - began;
  if (!stdout.includes('"end"')) throw new Error(`the collector did not come to its end on ${machine}`);
  return { wallMs, cpuMs: spentBy(lab) - before };
}

/** Processor time of a process and of its children that have ended, in ms. */
function spentBy(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]) * TICK_MS, 0);
}
