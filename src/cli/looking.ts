import { addressOf, sshConfigOf } from '../evacuation/addresses.ts';
import { attach } from '../evacuation/engine/client.ts';
import { findEvacuations } from '../evacuation/engine/find.ts';
import type { Session } from '../evacuation/engine/session.ts';
import { DATE, SYNCHRONISED } from '../evacuation/surroundings/clocks.ts';
import { systemResolver } from '../evacuation/surroundings/names.ts';
import { lookAround } from '../evacuation/surroundings.ts';
import { LandfallError } from '../foundation/errors.ts';
import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import { EMPTY_STATE } from '../journal/state.ts';
import { hasLogin } from '../plan/login.ts';
import { type LoadedPlan, readPlan } from '../plan/read.ts';
import type { Plan } from '../plan/schema.ts';
import { createHosts } from '../remote/hosts.ts';
import { formatArgv } from '../remote/quote.ts';
import { clientOf } from './engineer.ts';
import type { Io } from './io.ts';
import { evacuationsRoot, planFile } from './paths.ts';
import { isTroubled, type Seen, surroundingsTable } from './render/surroundings.ts';
import { createStyle } from './style.ts';
import { errorOf } from './told-error.ts';
import { VERSION } from './version.ts';

export interface LookInput {
  readonly evacuation: string | undefined;
  readonly state: string | undefined;
  readonly sshConfig: string | undefined;
  readonly json: boolean;
  readonly dryRun: boolean;
}

/**
 * Looks at names, clocks and credentials: through the engine that runs, which keeps what it sees in the journal, or from
 * here, where nothing is kept. 3 where something is not as it should be.
 */
export async function look(io: Io, input: LookInput): Promise<ExitCode> {
  const root = evacuationsRoot(io, input.state);
  const running = (await findEvacuations({ root })).filter(each => each.running).map(({ name }) => name);
  const loaded = await planOf(io, input.evacuation, running);
  const name = typeof loaded === 'string' ? loaded : loaded.plan.name;
  const isRunning = running.includes(name);
  if (typeof loaded === 'string' && !isRunning) throw notRunning(name);
  if (input.dryRun && typeof loaded !== 'string') return dryRun(io, input, loaded.plan, isRunning);
  const { plan, seen } = isRunning
    ? await throughEngine(io, root, name, input.dryRun)
    : await fromHere(io, input, loaded);
  if (seen === undefined) return dryRun(io, input, plan, isRunning);
  if (input.json)
    io.out(
      `${JSON.stringify({ v: 1, type: 'surroundings', evacuation: name, recorded: isRunning, ...seen })}\n`,
    );
  else {
    io.out(surroundingsTable(plan, seen, createStyle(io.colour, io.unicode)));
    if (!isRunning) io.err('no engine runs: what was seen is not in the journal, and no gate hears of it\n');
  }
  return isTroubled(seen) ? EXIT.notReady : EXIT.ok;
}

/** A plan file that was named or found, or the name of an evacuation. */
async function planOf(
  io: Io,
  argument: string | undefined,
  running: readonly string[],
): Promise<LoadedPlan | string> {
  const isName = argument !== undefined && !/\.ya?ml$/.test(argument) && !argument.includes('/');
  if (isName) return argument;
  const [only, ...others] = running;
  if (argument === undefined && only !== undefined && others.length === 0) return only;
  return readPlan(await planFile(io, argument), io.clock.now(), { running: true });
}

interface Looked {
  readonly plan: Plan;
  readonly seen?: Seen;
}

async function throughEngine(io: Io, root: string, name: string, dry: boolean): Promise<Looked> {
  const session = await attach({
    ...{ root, name, landfall: VERSION, signal: io.signal },
    ...clientOf(io, 'cli'),
  });
  try {
    const { plan, state } = session.snapshot();
    if (dry) return { plan };
    const before = state.surroundings;
    const reply = await session.send({ kind: 'look' });
    if (!reply.ok) throw errorOf(reply.error);
    return { plan, seen: await newerThan(before, session, io) };
  } finally {
    await session.close();
  }
}

const POLL_MS = 100;
/** A host that does not answer is given up after less. */
const PATIENCE_MS = 120_000;

async function newerThan(before: unknown, session: Session, io: Io): Promise<Seen> {
  const begun = io.clock.monotonic();
  for (;;) {
    const { surroundings } = session.snapshot().state;
    if (surroundings !== undefined && surroundings !== before) {
      const { at: _at, ...seen } = surroundings;
      return seen;
    }
    if (io.clock.monotonic() - begun > PATIENCE_MS)
      throw new LandfallError('remote.timeout', {
        what: 'the engine has not said what it saw within two minutes',
        next: [`it may still come: landfall status ${session.name}`],
      });
    await io.clock.sleep(POLL_MS, io.signal);
  }
}

async function fromHere(io: Io, input: LookInput, loaded: LoadedPlan | string): Promise<Looked> {
  if (typeof loaded === 'string') throw notRunning(loaded);
  const { plan } = loaded;
  const hosts = createHosts({
    runtime: { evacuation: plan.name },
    configFile: input.sshConfig ?? sshConfigOf(loaded),
    agentSocket: io.env['SSH_AUTH_SOCK'],
    clock: io.clock,
    resolve: id => addressOf(plan, EMPTY_STATE, id),
  });
  try {
    const { type: _type, ...seen } = await lookAround(
      {
        ...{ plan: loaded, clock: io.clock, env: io.env, resolver: systemResolver() },
        state: () => EMPTY_STATE,
        host: async id => hosts.get(id),
      },
      io.signal,
    );
    return { plan, seen };
  } finally {
    await hosts.closeAll();
  }
}

const notRunning = (name: string): LandfallError =>
  new LandfallError('usage', {
    what: `no engine of ${name} runs that could look`,
    next: ['name the plan file, to look from here: landfall look PLAN', 'or start one: landfall run PLAN'],
  });

/** What would be asked, and of whom; nothing is. */
function dryRun(io: Io, { json }: LookInput, plan: Plan, isRunning: boolean): ExitCode {
  const hosts = [
    ...Object.keys(plan.hypervisors),
    ...Object.keys(plan.machines).filter(name => hasLogin(plan, name)),
  ];
  const commands = [DATE, SYNCHRONISED].map(argv => formatArgv([...argv].map(String)));
  const names = plan.dns.map(({ name, type }) => `${name} ${type}`);
  if (json)
    io.out(`${JSON.stringify({ v: 1, type: 'dry-run', evacuation: plan.name, names, hosts, commands })}\n`);
  else
    io.out(
      [
        `${isRunning ? 'the engine would look' : 'this command would look'}; nothing was asked, and nothing is ever changed`,
        ...names.map(each => `the resolvers of this machine: ${each}`),
        ...hosts.flatMap(host => commands.map(command => `${host}: ${command}`)),
        '',
      ].join('\n'),
    );
  return EXIT.ok;
}
