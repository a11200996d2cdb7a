import { addressOf, sshConfigOf } from '../evacuation/addresses.ts';
import { findLeftovers, type Leftover, type Leftovers } from '../evacuation/care/leftovers.ts';
import { findEvacuations } from '../evacuation/engine/find.ts';
import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import { counted, formatDuration } from '../foundation/units.ts';
import { readState } from '../journal/read-state.ts';
import { EMPTY_STATE, type State } from '../journal/state.ts';
import { readPlan } from '../plan/read.ts';
import { createHosts } from '../remote/hosts.ts';
import type { Io } from './io.ts';
import { evacuationsRoot, planFile, sshConfigOption } from './paths.ts';
import { createStyle } from './style.ts';

export interface LeftoversInput {
  readonly plan: string | undefined;
  readonly json: boolean;
  readonly state: string | undefined;
  readonly sshConfig: string | undefined;
}

/** `landfall doctor --leftovers`: 0 where every host was asked, otherwise partial. Reads only. */
export async function showLeftovers(io: Io, input: LeftoversInput): Promise<ExitCode> {
  const root = evacuationsRoot(io, input.state);
  const loaded = await readPlan(await planFile(io, input.plan), io.clock.now(), { running: true });
  const { plan } = loaded;
  const known = await findEvacuations({ root });
  const running = new Set(known.filter(each => each.running).map(({ name }) => name));
  const state: State = known.some(({ name, error }) => name === plan.name && error === undefined)
    ? (await readState(root, plan.name)).state
    : EMPTY_STATE;
  const hosts = createHosts({
    runtime: { evacuation: plan.name },
    configFile: sshConfigOption(io, input.sshConfig) ?? sshConfigOf(loaded),
    agentSocket: io.env['SSH_AUTH_SOCK'],
    clock: io.clock,
    resolve: id => addressOf(plan, state, id),
  });
  try {
    const left = await findLeftovers({ plan, state, running, host: async id => hosts.get(id) }, io.signal);
    if (input.json)
      io.out(`${JSON.stringify({ v: 1, type: 'leftovers', evacuation: plan.name, ...left })}\n`);
    else io.out(leftoversText(left, plan.name, createStyle(io.colour, io.unicode).marks));
    return left.unasked.length === 0 ? EXIT.ok : EXIT.partial;
  } finally {
    await hosts.closeAll();
  }
}

/** One line each, under its host; what is in use is said, and what to do about the rest. */
export function leftoversText(
  { found, unasked }: Leftovers,
  evacuation: string,
  marks: Readonly<Record<'good' | 'warn' | 'bad', string>>,
): string {
  const out: string[] = [];
  for (const [host, own] of Map.groupBy(found, each => each.host)) {
    out.push(host);
    for (const each of own) out.push(`  ${marks[each.inUse ? 'good' : 'warn']} ${wordsOf(each)}`);
  }
  for (const { host, why } of unasked) out.push(`${marks.bad} ${host}: not asked: ${why}`);
  const idle = found.filter(({ inUse }) => !inUse);
  const ours = idle.filter(each => each.evacuation === evacuation).length;
  const others = idle.length - ours;
  out.push(
    '',
    found.length === 0
      ? unasked.length === 0
        ? 'nothing of landfall is on these hosts'
        : 'nothing of landfall was found on the hosts that answered'
      : `${counted(found.length, 'thing')} of landfall, ${found.length - idle.length} in use by an evacuation that runs`,
  );
  if (ours > 0) out.push(`next: landfall clean removes what is left of ${evacuation}`);
  if (others > 0)
    out.push(`${counted(others, 'thing')} of other evacuations: clean up with the plan of each`);
  return `${out.join('\n')}\n`;
}

function wordsOf({ kind, name, evacuation, ageSeconds, running, inUse }: Leftover): string {
  const facts = [
    ...(evacuation === undefined ? [] : [`of ${evacuation}`]),
    ...(ageSeconds === undefined ? [] : [`${formatDuration(ageSeconds * 1000)} old`]),
    ...(running === true ? ['running'] : []),
    ...(inUse ? ['in use'] : []),
  ];
  return `${kind} ${name}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`;
}
