import { missingIn } from '../../../estate/guest/missing.ts';
import { counted } from '../../../foundation/units.ts';
import type {
  IdentityFacts,
  ScheduleFacts,
  ShareFacts,
  SurveyFacts,
  SurveyGap,
} from '../../../journal/facts-survey.ts';
import type { MachineState, State } from '../../../journal/state.ts';
import { own } from '../../../readiness/copy.ts';
import type { View } from '../../../step/step.ts';
import type { BareFinding } from '../finding.ts';

/** What was seen inside a machine, or was to be seen there and was not. */
export function machineFindings({ plan, state }: View): BareFinding[] {
  return Object.keys(plan.machines).flatMap(name => {
    const machine = own(state.machines, name);
    return machine === undefined ? [] : [...copyFindings(name, machine), ...surveyFindings(name, machine)];
  });
}

/** The same of the hypervisors: what could not be learned of them. */
export const hypervisorFindings = ({ surveys = {} }: State): BareFinding[] =>
  Object.entries(surveys).flatMap(([name, { gaps, at }]) => gapFinding(name, gaps, at));

function copyFindings(name: string, { observed }: MachineState): BareFinding[] {
  if (observed === undefined) return [];
  return missingIn(observed).map(({ found, help }, index) => ({
    id: `copy:${name}:${index + 1}`,
    kind: 'copy',
    severity: 'warning',
    subject: name,
    what: found,
    evidence: [],
    next: [help],
    seenAt: observed.at,
  }));
}

function surveyFindings(name: string, { surveyed, observed }: MachineState): BareFinding[] {
  if (surveyed === undefined) return [];
  const held = new Set(
    (observed?.guest.actsTwice ?? []).flatMap(({ name: what, unit }) => [
      what,
      ...(unit === undefined ? [] : [unit]),
    ]),
  );
  const found = [
    ...(surveyed.shares ?? []).flatMap(share => shareFindings(name, share)),
    ...mailFindings(name, surveyed.schedules ?? [], held),
    ...boundFindings(name, surveyed),
    ...gapFinding(name, surveyed.gaps, surveyed.at),
  ];
  return found.map(each => ({ ...each, seenAt: surveyed.at }));
}

/** Whether a share is written down anywhere is a dependency's question. */
function shareFindings(name: string, { mountpoint, server, path, type, answers }: ShareFacts): BareFinding[] {
  if (answers !== false) return [];
  return [
    {
      id: `share-dead:${name}:${mountpoint}`,
      kind: 'share',
      severity: 'critical',
      subject: name,
      what: `the share on ${mountpoint} does not answer: ${server} is not there`,
      why: 'whatever touches it hangs, at the source now and at the target after the cutover',
      evidence: [`${type} ${server}:${path} on ${mountpoint}`],
      next: [
        `ask who still needs it; umount -l ${mountpoint} on ${name} if nobody does`,
        `name ${server} under external: in the plan, with what becomes of it`,
      ],
    },
  ];
}

/** Those that the standby holds anyway are not worth an alarm. */
function mailFindings(
  name: string,
  schedules: readonly ScheduleFacts[],
  held: ReadonlySet<string>,
): BareFinding[] {
  const mailers = schedules.filter(({ mails }) => mails === true);
  if (mailers.length === 0) return [];
  const loose = mailers.filter(({ kind, where }) => !held.has(where) && !isHeldWith(kind, held));
  return [
    {
      id: `mailer:${name}`,
      kind: 'schedule',
      severity: loose.length > 0 ? 'warning' : 'note',
      subject: name,
      what: `${counted(mailers.length, 'schedule')} of it ${mailers.length === 1 ? 'sends' : 'send'} mail`,
      why: 'two sites that run the same schedule send everything twice',
      evidence: mailers.map(({ where, when, what }) => `${where}: ${when} ${what}`),
      next:
        loose.length > 0
          ? [`hold it at the standby until cutover: machines.${name}.hold: [its unit]`]
          : ['nothing: the standby holds it until cutover'],
    },
  ];
}

/** Tables are read by a daemon: where it is held, so is every table. */
const isHeldWith = (kind: ScheduleFacts['kind'], held: ReadonlySet<string>): boolean =>
  (kind === 'cron' || kind === 'anacron') &&
  ['cron.service', 'crond.service', 'cronie.service'].some(unit => held.has(unit));

/** What a copy cannot have beside its original, or loses by being one. */
const BOUND: Partial<Record<IdentityFacts['kind'], string>> = {
  licence: 'ask its vendor early: a licence may not start on another host',
  hardware: 'a device of the host does not travel: find out who needs it, and what is at the target',
  cluster:
    'take the copy out of the cluster, or tell its other members: two nodes of one name fence each other',
  vpn: 'two ends of one tunnel throw each other out: hold it at the standby until cutover',
  'domain-join': 'a copy changes the password of its computer account: keep the standby away from the domain',
};

function boundFindings(name: string, { identity = [] }: SurveyFacts): BareFinding[] {
  const bound = identity.filter(({ kind }) => BOUND[kind] !== undefined);
  if (bound.length === 0) return [];
  return [
    {
      id: `bound:${name}`,
      kind: 'copy',
      severity: 'warning',
      subject: name,
      what: `bound to this very machine: ${[...new Set(bound.map(({ kind }) => kind))].join(', ')}`,
      evidence: bound.map(({ where, detail }) => `${where}: ${detail}`),
      next: [...new Set(bound.map(({ kind }) => BOUND[kind] ?? ''))],
    },
  ];
}

const BECAUSE: Record<SurveyGap['why'], string> = {
  'needs-root': 'needs root',
  'no-tool': 'no tool there tells it',
  'timed-out': 'took too long',
  'cut-short': 'was cut short',
  unreadable: 'its answer could not be understood',
  refused: 'was refused',
};

export const gapWords = ({ what, why }: SurveyGap): string => `${what}: ${BECAUSE[why]}`;

/** One finding for all that could not be learned of a host. */
export function gapFinding(name: string, gaps: readonly SurveyGap[], at: number): BareFinding[] {
  if (gaps.length === 0) return [];
  const byHelp = Map.groupBy(gaps, ({ help }) => help ?? 'look by hand, and write it down: landfall note');
  return [
    {
      id: `gap:${name}`,
      kind: 'gap',
      severity: 'note',
      subject: name,
      what: `not learned: ${gaps.map(({ what }) => what).join(', ')}`,
      why: 'what is not known may be what breaks',
      evidence: gaps.map(gapWords),
      next: [...byHelp].map(([help, all]) => `${all.map(({ what }) => what).join(', ')}: ${help}`),
      seenAt: at,
    },
  ];
}
