import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LandfallError } from '../../foundation/errors.ts';
import { EXIT, type ExitCode } from '../../foundation/exit-codes.ts';
import { harmless } from '../../foundation/text.ts';
import { listEvacuations } from '../../journal/directory.ts';
import type { LoadedPlan } from '../../plan/read.ts';
import { runLocal } from '../../remote/local.ts';
import { formatArgv } from '../../remote/quote.ts';
import { readPlanToRun } from '../evacuation.ts';
import type { Io } from '../io.ts';
import { evacuationsRoot, sshConfigOption } from '../paths.ts';
import { intervalOf } from './interval.ts';
import type { StandbyInput } from './show.ts';
import { cronLine, type StandbyUnits, unitName, unitsOf } from './units.ts';

export interface InstallInput extends StandbyInput {
  readonly sshConfig: string | undefined;
  readonly dryRun: boolean;
  /** Units of the system instead of the user's. */
  readonly system: boolean;
  /** Write the units here and enable nothing. */
  readonly to: string | undefined;
  readonly envFile: string | undefined;
}

/** Writes a timer that runs a cycle as often as the shortest RPO asks; without systemd it prints the line for cron. */
export async function installStandby(io: Io, input: InstallInput): Promise<ExitCode> {
  const plan = await readPlanToRun(io, input.evacuation, evacuationsRoot(io, input.state));
  await refuseUnbegun(io, input, plan);
  const units = unitsFor(io, input, plan);
  const folder = folderOf(io, input);
  const files = [
    [join(folder, `${units.name}.service`), units.service],
    [join(folder, `${units.name}.timer`), units.timer],
  ] as const;
  const commands = input.to === undefined ? enabling(units, input.system) : [];
  for (const [path, text] of files) io.out(`${harmless(path)}\n${indented(text)}\n`);
  for (const argv of commands) io.out(`$ ${formatArgv(argv)}\n`);
  for (const warning of warningsOf(plan, input)) io.err(`${warning}\n`);
  if (input.dryRun) {
    io.err('a dry run: nothing was written\n');
    return EXIT.ok;
  }
  if (input.to === undefined && !(await hasSystemd())) {
    io.err('there is no systemd here: nothing was written. For cron (crontab -e):\n');
    io.out(`${cronOf(io, input, plan)}\n`);
    return EXIT.failed;
  }
  await mkdir(folder, { recursive: true });
  for (const [path, text] of files) await writeFile(path, text, { mode: 0o644 });
  for (const argv of commands) await runLocal(argv, { env: io.env, signal: io.signal });
  io.err(
    input.to === undefined
      ? `installed; it looks every ${intervalOf(plan.plan)} s. How it stands: landfall standby ${plan.plan.name}\n`
      : `written; enable ${units.name}.timer where they belong\n`,
  );
  return EXIT.ok;
}

/** Takes timer and service away; copies, receivers and journal stay. */
export async function uninstallStandby(io: Io, input: InstallInput): Promise<ExitCode> {
  const plan = await readPlanToRun(io, input.evacuation, evacuationsRoot(io, input.state));
  const name = unitName(plan.plan.name);
  const folder = folderOf(io, input);
  const files = [join(folder, `${name}.timer`), join(folder, `${name}.service`)];
  const own = await Promise.all(files.map(isOurs));
  const found = files.filter((_, index) => own[index]);
  const systemctl = systemctlOf(input.system);
  const before = [[...systemctl, 'disable', '--now', `${name}.timer`] as const];
  const after = [[...systemctl, 'daemon-reload'] as const];
  if (found.length === 0) {
    io.err(`nothing of ${name} is in ${harmless(folder)}\n`);
    return EXIT.ok;
  }
  const isEnabled = input.to === undefined && (await hasSystemd());
  for (const argv of isEnabled ? before : []) io.out(`$ ${formatArgv(argv)}\n`);
  for (const path of found) io.out(`remove ${harmless(path)}\n`);
  for (const argv of isEnabled ? after : []) io.out(`$ ${formatArgv(argv)}\n`);
  if (input.dryRun) return EXIT.ok;
  for (const argv of isEnabled ? before : []) await runLocal(argv, { env: io.env, codes: [0, 1, 5] });
  for (const path of found) await rm(path);
  for (const argv of isEnabled ? after : []) await runLocal(argv, { env: io.env });
  io.err('uninstalled; nobody keeps the copies fresh by itself any more\n');
  return EXIT.ok;
}

export async function printCron(io: Io, input: InstallInput): Promise<ExitCode> {
  const plan = await readPlanToRun(io, input.evacuation, evacuationsRoot(io, input.state));
  for (const warning of warningsOf(plan, { ...input, system: true })) io.err(`${warning}\n`);
  io.out(`${cronOf(io, input, plan)}\n`);
  return EXIT.ok;
}

const cronOf = (io: Io, input: InstallInput, plan: LoadedPlan): string =>
  cronLine({ argv: cycleArgv(io, input, plan), everySeconds: intervalOf(plan.plan) });

const unitsFor = (io: Io, input: InstallInput, plan: LoadedPlan): StandbyUnits =>
  unitsOf({
    evacuation: plan.plan.name,
    argv: cycleArgv(io, input, plan),
    everySeconds: intervalOf(plan.plan),
    system: input.system,
    envFile: input.envFile === undefined ? undefined : resolve(io.cwd, input.envFile),
  });

/** Everything by its absolute path: a timer has no directory and hardly an environment. */
function cycleArgv(io: Io, input: InstallInput, plan: LoadedPlan): string[] {
  const sshConfig = sshConfigOption(io, input.sshConfig);
  return [
    ...[io.node, ...io.execArgv, io.entry, 'standby', resolve(io.cwd, plan.file), 'once', '--json'],
    ...['--within', `${intervalOf(plan.plan)}s`, '--state', evacuationsRoot(io, input.state)],
    ...(sshConfig === undefined ? [] : ['--ssh-config', sshConfig]),
  ];
}

const systemctlOf = (system: boolean): readonly [string, ...string[]] =>
  system ? ['systemctl'] : ['systemctl', '--user'];

const enabling = ({ name }: StandbyUnits, system: boolean): (readonly [string, ...string[]])[] => [
  [...systemctlOf(system), 'daemon-reload'],
  [...systemctlOf(system), 'enable', '--now', `${name}.timer`],
];

function folderOf(io: Io, { to, system }: InstallInput): string {
  if (to !== undefined) return resolve(io.cwd, to);
  if (system) return '/etc/systemd/system';
  const config = io.env['XDG_CONFIG_HOME'];
  return join(config?.startsWith('/') ? config : join(io.env['HOME'] ?? '/', '.config'), 'systemd/user');
}

/** As sd_booted(3) asks. */
const hasSystemd = (): Promise<boolean> =>
  access('/run/systemd/system').then(
    () => true,
    () => false,
  );

/** A file of this name that landfall did not write is somebody's: it stays. */
const isOurs = (path: string): Promise<boolean> =>
  readFile(path, 'utf8').then(
    text => text.startsWith('# Written by landfall standby;'),
    () => false,
  );

/** What a timer does not have and an engineer at a terminal does. */
function warningsOf({ plan }: LoadedPlan, { envFile, system }: InstallInput): string[] {
  const named = [...new Set(JSON.stringify(plan).match(/(?<=")env:[A-Za-z_]\w*(?=")/g) ?? [])];
  return [
    ...(named.length === 0 || envFile !== undefined
      ? []
      : [
          `the plan takes ${named.join(', ')} from the environment, which a timer does not have: write them to a file of mode 600 and give --env-file`,
        ]),
    ...(system
      ? []
      : ['units of a user run only while somebody is logged in, unless: loginctl enable-linger']),
    'a timer has no ssh-agent: keys must be files that need no passphrase, for this use alone',
  ];
}

async function refuseUnbegun(io: Io, input: InstallInput, { plan }: LoadedPlan): Promise<void> {
  if ((await listEvacuations(evacuationsRoot(io, input.state))).includes(plan.name)) return;
  throw new LandfallError('state.absent', {
    what: `${plan.name} has not begun: there are no copies that could be kept fresh`,
    next: [
      'landfall run PLAN   builds and copies',
      'landfall standby PLAN install   keeps them fresh afterwards',
    ],
  });
}

const indented = (text: string): string => text.replace(/^(?=.)/gm, '  ');
