import { createInterface } from 'node:readline/promises';
import { addressOf, sshConfigOf } from '../evacuation/addresses.ts';
import { contextFor } from '../evacuation/context.ts';
import { findEvacuations } from '../evacuation/engine/find.ts';
import { asLandfallError, LandfallError } from '../foundation/errors.ts';
import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import { createRedactor } from '../foundation/redact.ts';
import { harmless } from '../foundation/text.ts';
import { counted, formatRate } from '../foundation/units.ts';
import { openEvacuationDirectory } from '../journal/directory.ts';
import type { EventOf } from '../journal/events.ts';
import type { LinkRun } from '../journal/facts-site.ts';
import { openJournal } from '../journal/journal.ts';
import { readState } from '../journal/read-state.ts';
import { EMPTY_STATE, type State } from '../journal/state.ts';
import { type LoadedPlan, readPlan } from '../plan/read.ts';
import { createHosts } from '../remote/hosts.ts';
import { previewOf } from '../reports/preview.ts';
import type { Step } from '../step/step.ts';
import { linkLimit, linkPairs, linkStep } from '../sync/index.ts';
import type { Io } from './io.ts';
import { evacuationsRoot, planFile, sshConfigOption } from './paths.ts';
import { formatPreview } from './preview.ts';
import { createStyle } from './style.ts';

export interface LinkInput {
  readonly plan: string | undefined;
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly state: string | undefined;
  readonly sshConfig: string | undefined;
}

type Measured = EventOf<'link.measured'>;

/** What became of one pair of hypervisors. */
type Result =
  | { readonly step: string; readonly measured: Measured }
  | { readonly step: string; readonly error: LandfallError };

/**
 * `landfall doctor PLAN --link`: measures the line between the hypervisors of the plan. 0 where every pair was, partial
 * where some were. Written into the journal of the evacuation where there is one that no engine holds.
 */
export async function testLink(io: Io, input: LinkInput): Promise<ExitCode> {
  const root = evacuationsRoot(io, input.state);
  const loaded = await readPlan(await planFile(io, input.plan), io.clock.now(), { running: true });
  const { plan } = loaded;
  const known = (await findEvacuations({ root })).find(({ name }) => name === plan.name);
  const state = known === undefined ? EMPTY_STATE : (await readState(root, plan.name)).state;
  const limit = state.evacuation?.throttle?.bytesPerSecond ?? linkLimit(plan.link, io.clock.now());
  const steps = linkPairs(plan).map(pair => linkStep(pair, { limit }));
  if (input.dryRun) return dryRun(io, input, steps, { loaded, state });
  if (known?.running === true) refuseBesideCopies(state, plan.name);
  await confirm(io, input, steps.length, limit);

  const results = await measureAll(io, input, steps, { loaded, state });
  const measured = results.flatMap(each => ('measured' in each ? [each.measured] : []));
  const recorded = known !== undefined && !known.running && (await record(io, root, plan.name, measured));
  if (input.json) {
    const failed = results.flatMap(each =>
      'error' in each ? [{ step: each.step, code: each.error.code, what: each.error.facts.what }] : [],
    );
    const links = measured.map(({ type: _type, ...rest }) => rest);
    io.out(`${JSON.stringify({ v: 1, type: 'link', evacuation: plan.name, recorded, links, failed })}\n`);
  } else {
    for (const each of measured) io.out(linkText(each));
    for (const each of results)
      if ('error' in each) {
        io.err(`${each.step}: ${harmless(each.error.facts.what)}\n`);
        for (const step of each.error.facts.next) io.err(`  next: ${harmless(step)}\n`);
      }
    io.err(
      recorded
        ? `in the journal of ${plan.name}; what it means: landfall sizing ${plan.name}\n`
        : known?.running === true
          ? 'an engine runs and holds the journal: what was measured is not in it\n'
          : 'what was measured is in no journal: the evacuation has not begun, or could not be written\n',
    );
  }
  if (io.signal.aborted) return EXIT.interrupted;
  if (measured.length === results.length) return EXIT.ok;
  return measured.length === 0 ? EXIT.failed : EXIT.partial;
}

interface Ground {
  readonly loaded: LoadedPlan;
  readonly state: State;
}

function dryRun(io: Io, { json }: LinkInput, steps: readonly Step[], { loaded, state }: Ground): ExitCode {
  const view = { plan: loaded.plan, state };
  if (json) {
    const preview = previewOf(steps, view);
    io.out(`${JSON.stringify({ v: 1, type: 'dry-run', evacuation: loaded.plan.name, steps: preview })}\n`);
    return EXIT.ok;
  }
  io.out('A dry run: nothing is executed and no host is contacted.\n\n');
  io.out(formatPreview(steps, view, createStyle(io.colour, io.unicode)));
  return EXIT.ok;
}

/** Passes measure the line themselves, and together with them a limit would not hold. */
function refuseBesideCopies({ steps }: State, name: string): void {
  const pass = Object.values(steps).find(({ id, status }) => status === 'running' && id.startsWith('sync/'));
  if (pass === undefined) return;
  throw new LandfallError('command.refused', {
    what: `copies of ${name} are on the line now: ${pass.id}`,
    why: 'a measurement would slow them down, and measure what they leave',
    next: ['passes measure the line, too: landfall sizing', `or let them rest first: landfall pause ${name}`],
  });
}

async function confirm(io: Io, { yes }: LinkInput, pairs: number, limit: number | undefined): Promise<void> {
  const bounds = limit === undefined ? '' : `, and never above the limit of ${formatRate(limit)}`;
  io.err(
    `This uses the production line: for ${counted(pairs, 'pair')} of hypervisors four runs of at most 4 s and 128 MiB each${bounds}; 64 MiB are read at the source and written at the target.\n`,
  );
  if (yes) return;
  if (!io.canPrompt || io.terminal === undefined)
    throw new LandfallError('usage', {
      what: 'nobody is here to say that the production line may be used',
      next: ['landfall doctor PLAN --link --yes', 'what it would do: landfall doctor PLAN --link --dry-run'],
    });
  const { stdin: input, stderr: output } = io.terminal.streams;
  const asking = createInterface({ input, output });
  try {
    const answer = await asking.question('Measure now? [y/N] ', { signal: io.signal });
    if (!/^y(?:es)?$/i.test(answer.trim()))
      throw new LandfallError('cancelled', { what: 'nothing was measured', next: [] });
  } finally {
    asking.close();
  }
}

async function measureAll(
  io: Io,
  input: LinkInput,
  steps: readonly Step[],
  { loaded, state }: Ground,
): Promise<Result[]> {
  const { plan } = loaded;
  const hosts = createHosts({
    runtime: { evacuation: plan.name },
    configFile: sshConfigOption(io, input.sshConfig) ?? sshConfigOf(loaded),
    agentSocket: io.env['SSH_AUTH_SOCK'],
    clock: io.clock,
    resolve: id => addressOf(plan, state, id),
  });
  const results: Result[] = [];
  try {
    // One after the other: together they would measure each other.
    for (const step of steps) {
      if (io.signal.aborted) break;
      let measured: Measured | undefined;
      const context = contextFor(step, {
        ...{ plan, evacuation: plan.name, state: () => state, clock: io.clock, random: io.random },
        host: async id => hosts.get(id),
        emit: async event => {
          if (event.type === 'link.measured') measured = event;
        },
        onSample: ({ text }) => io.err(`${step.subject}: ${harmless(text)}\n`),
        keepLog: async () => undefined,
      });
      try {
        await step.run(context, io.signal);
        if (measured !== undefined) results.push({ step: step.id, measured });
      } catch (thrown) {
        results.push({ step: step.id, error: asLandfallError(thrown) });
      }
    }
  } finally {
    await hosts.closeAll();
  }
  return results;
}

/** False where somebody else holds the journal meanwhile, or it cannot be written: then what was measured is only shown. */
async function record(io: Io, root: string, name: string, measured: readonly Measured[]): Promise<boolean> {
  if (measured.length === 0) return false;
  const { pid, user, host } = io.process;
  try {
    const journal = await openJournal({
      directory: await openEvacuationDirectory(root, name),
      owner: { pid, user, command: 'landfall doctor --link' },
      by: `${user}@${host}:${pid}`,
      clock: io.clock,
      redactor: createRedactor(),
    });
    try {
      await journal.append(measured);
    } finally {
      await journal.close();
    }
    return true;
  } catch (thrown) {
    io.err(`not written into the journal: ${harmless(asLandfallError(thrown).facts.what)}\n`);
    return false;
  }
}

const runText = ({ streams, bytesPerSecond }: LinkRun): string =>
  `${counted(streams, 'stream')} ${formatRate(bytesPerSecond)}`;

function linkText(link: Measured): string {
  const { from, to, forth, back, sourceRead, targetWrite, cipher, roundTripMs, bottleneck, why } = link;
  const rows: [string, string][] = [
    [`${from} > ${to}`, forth.map(runText).join(', ') || 'not measured'],
    [`${to} > ${from}`, back.map(runText).join(', ') || 'not measured'],
    ['round trip', roundTripMs === undefined ? 'not measured' : `${roundTripMs} ms`],
    ["source's disk gives", sourceRead === undefined ? 'not measured' : formatRate(sourceRead)],
    ["target's disk takes", targetWrite === undefined ? 'not measured' : formatRate(targetWrite)],
    ['a CPU encrypts', cipher === undefined ? 'not measured' : formatRate(cipher)],
    ['bottleneck', `${bottleneck}: ${harmless(why)}`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return `${rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n')}\n\n`;
}
