import { counted } from '../../foundation/units.ts';
import type { MirrorState, State } from '../../journal/state.ts';
import type { View } from '../../step/step.ts';
import { ago } from '../evidence.ts';
import type { GateFacts } from '../gate.ts';
import { untilClose } from '../storm.ts';

/** What is newer may still be on its way. */
export const MIRROR_GRACE_MS = 15 * 60e3;

/** Plan and journal at the target site: without them nothing is known there once this machine is lost, too. */
export function mirrored(view: View, now: number): GateFacts {
  const { evacuation, lastSeq } = view.state;
  const all = Object.entries(evacuation?.mirrors ?? {});
  const written = all.filter(([, { upTo }]) => upTo > 0);
  const [best] = written.toSorted(([, a], [, b]) => b.upTo - a.upTo);
  const missing = best === undefined ? lastSeq : Math.max(0, lastSeq - best[1].upTo - tellingOfMirrors(all));
  const milestone = newestMilestone(view.state);
  const isLate = best !== undefined && milestone > best[1].at && now - milestone > MIRROR_GRACE_MS;
  const isFailing = best === undefined && all.length > 0;
  return {
    check: 'mirrored',
    title: 'Plan and journal lie at the target site, too',
    severity: isLate || isFailing ? untilClose(view, now) : 'warning',
    verdict: isLate || isFailing ? 'fail' : best === undefined ? 'unproven' : 'pass',
    evidence: [
      ...(best === undefined
        ? ['nothing of them has been copied to the target site yet']
        : [
            `${best[0]} has ${best[1].path} up to event ${best[1].upTo}, written ${ago(best[1].at, now)}`,
            ...(missing > 0 ? [`${counted(missing, 'event')} came after that`] : []),
          ]),
      ...all.flatMap(([host, { trouble }]) =>
        trouble === undefined ? [] : [`${host}: ${trouble.why}, ${ago(trouble.at, now)}`],
      ),
    ],
    evidenceAt: best?.[1].at,
    remedy: [
      ...(isLate || isFailing
        ? ['see whether the hypervisor of the target has room and lets itself be written to']
        : []),
      'let an engine run, which copies them at every milestone: landfall run <the plan file>',
    ],
    costOfIgnoring:
      'whoever has only the target site does not know what exists there, and up to when it is good',
  };
}

/** When something last came about that would be missed at the target site, epoch ms; 0 where nothing has. */
function newestMilestone({ machines, databases, cutover }: State): number {
  let newest = cutover?.startedAt ?? 0;
  const count = (at: number | undefined): void => {
    if (at !== undefined && at > newest) newest = at;
  };
  for (const name of Object.keys(machines)) {
    const machine = machines[name];
    count(machine?.receiver?.prepared?.at);
    if (machine?.advanced?.replaced === true) count(machine.advanced.at);
    count(machine?.verified?.at);
    count(machine?.proofs?.at(-1)?.ended?.at);
  }
  for (const name of Object.keys(databases)) {
    const database = databases[name];
    count(database?.released?.at);
    count(database?.handover?.ended?.at);
  }
  for (const item of Object.values(cutover?.items ?? {})) count(item.at);
  return newest;
}

/** What a mirror adds to the journal itself cannot be in it. */
const tellingOfMirrors = (all: ReadonlyArray<readonly [string, MirrorState]>): number => all.length;
