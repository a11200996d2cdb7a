import { formatDuration } from '../../foundation/units.ts';
import type { State } from '../../journal/state.ts';
import type { View } from '../../step/step.ts';
import { onHypervisor } from '../by-hand.ts';
import { ago, CLOCK_TOLERANCE_MS, isRecent } from '../evidence.ts';
import type { GateFacts } from '../gate.ts';

/** What a cutover needs beside copies: passwords and logins that work, and clocks that agree. */
export function aroundGates(view: View, now: number): GateFacts[] {
  return [credentials(view, now), clocks(view, now)];
}

const lookAgain = ({ plan }: View): string => `look again: landfall look ${plan.name}`;

function lookedAt({ surroundings }: State, now: number): string[] {
  return surroundings === undefined ? ['nobody has looked yet'] : [`looked at ${ago(surroundings.at, now)}`];
}

/** Every secret that the plan names, and a login at every host that is to be asked. */
function credentials(view: View, now: number): GateFacts {
  const { surroundings } = view.state;
  const isOld = surroundings === undefined || !isRecent(surroundings.at, now);
  const seen = surroundings?.credentials ?? [];
  const bad = seen.filter(({ usable }) => !usable);
  return {
    check: 'credentials',
    title: 'Every password that the plan names can be read, and every login works',
    severity: 'critical',
    verdict: isOld || seen.length === 0 ? 'unproven' : bad.length > 0 ? 'fail' : 'pass',
    evidence: [
      ...lookedAt(view.state, now),
      ...bad.map(({ name, trouble }) => `${name}: ${trouble ?? 'it cannot be used'}`),
      ...(seen.length > 0 ? [`${seen.length - bad.length} of ${seen.length} can be used`] : []),
    ],
    evidenceAt: surroundings?.at,
    remedy: [
      ...(bad.length > 0
        ? ['put right what is named here: the password, the key, the account or the host']
        : []),
      lookAgain(view),
    ],
    costOfIgnoring: 'the cutover stops where the first password or login is missing, with the source stopped',
  };
}

/** Nearer than this clocks agree: the file times and the logs of both sites can be compared. */
export const CLOCKS_AGREE_MS = 1000;

type Clocks = NonNullable<State['surroundings']>['clocks'];

/** How far a clock is off for sure, ms: what the question itself took speaks for the host. */
const offBy = ({ offsetMs = 0, withinMs = 0 }: Clocks[number]): number =>
  Math.max(0, Math.abs(offsetMs) - withinMs);

function clocks(view: View, now: number): GateFacts {
  const { plan, state } = view;
  const { surroundings } = state;
  const isOld = surroundings === undefined || !isRecent(surroundings.at, now);
  const seen = surroundings?.clocks ?? [];
  const off = seen.filter(each => offBy(each) > CLOCKS_AGREE_MS);
  const unsynchronised = seen.filter(({ synchronised }) => synchronised === false);
  const unknown = seen.filter(({ offsetMs }) => offsetMs === undefined);
  const isFarOff = off.some(each => offBy(each) > CLOCK_TOLERANCE_MS);
  const [first = ''] = Object.keys(plan.hypervisors);
  const there = onHypervisor(plan, first, ['date', '+%s.%N']);
  return {
    check: 'clocks',
    title: 'The clocks of all hosts agree with this one within a second',
    // By a minute and more copies, logs and certificates are wrong; by seconds only comparisons are.
    severity: isFarOff ? 'critical' : 'warning',
    verdict: isOld
      ? 'unproven'
      : off.length + unsynchronised.length > 0
        ? 'fail'
        : seen.length === 0 || unknown.length > 0
          ? 'unproven'
          : 'pass',
    evidence: [
      ...lookedAt(state, now),
      ...off.map(clockLine),
      ...unsynchronised.map(({ host }) => `${host}: its clock is not synchronised with anything`),
      ...unknown.map(({ host, trouble }) => `${host}: ${trouble ?? 'its clock was not asked'}`),
      `${seen.length - unknown.length} of ${seen.length} clocks were read`,
    ],
    evidenceAt: surroundings?.at,
    checkByHand: there === undefined ? undefined : `date +%s.%N; ${there}`,
    remedy: [
      ...(off.length + unsynchronised.length > 0
        ? ['synchronise them: chronyc makestep, or timedatectl set-ntp true']
        : []),
      lookAgain(view),
    ],
    costOfIgnoring:
      'file times and the journals of both sites cannot be compared, and Kerberos and certificates fail after the cutover',
  };
}

function clockLine(clock: Clocks[number]): string {
  const { host, offsetMs = 0, withinMs = 0 } = clock;
  const way = offsetMs > 0 ? 'ahead' : 'behind';
  const exact = withinMs >= 100 ? ` (known within ${Math.ceil(withinMs)} ms)` : '';
  const far =
    Math.abs(offsetMs) >= 60e3 ? formatDuration(Math.abs(offsetMs)) : `${Math.round(Math.abs(offsetMs))} ms`;
  return `${host}: ${far} ${way}${exact}`;
}
