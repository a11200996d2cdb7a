import { formatDuration } from '../../foundation/units.ts';
import type { State } from '../../journal/state.ts';
import type { View } from '../../step/step.ts';
import { virsh } from '../by-hand.ts';
import { own, safeCopy } from '../copy.ts';
import { ago } from '../evidence.ts';
import type { GateFacts } from '../gate.ts';
import { makesIt } from '../makes-it.ts';
import type { MachineSubject } from './subject.ts';

/** Whether there is something to start, whether both could run, and whether all of it is in time. */
export function standbyGates(subject: MachineSubject, view: View): GateFacts[] {
  return [standby(subject, view), doubleRun(subject, view), inTime(subject, view)];
}

function standby({ plan, machine, name, now, wanted }: MachineSubject, { state }: View): GateFacts {
  const defined = machine?.standby;
  const done = own(state.cutover?.machines ?? {}, name);
  const isLeft = isRolledBack(state) && (done?.started !== undefined || done?.overlaid !== undefined);
  return {
    check: 'standby',
    title: 'The standby is defined at the target, and held until the cutover',
    severity: 'critical',
    verdict: isLeft ? 'fail' : defined === undefined ? 'unproven' : 'pass',
    evidence: isLeft
      ? ['the cutover was given up, and the standby was not put back as it was']
      : defined === undefined
        ? ['no standby is recorded']
        : [
            done?.committedAt !== undefined
              ? `${defined.domain} on ${defined.hypervisor} is the machine since ${ago(done.committedAt, now)}`
              : done?.started !== undefined
                ? `${defined.domain} on ${defined.hypervisor} runs in the cutover`
                : `${defined.domain} on ${defined.hypervisor}, defined ${ago(defined.at, now)}: a disk that does not exist holds it`,
          ],
    evidenceAt: defined?.at,
    checkByHand: virsh(plan, wanted.target.hypervisor, ['domstate', defined?.domain ?? name]),
    remedy: isLeft
      ? [`let the rollback end: landfall cutover ${plan.name}`]
      : 'build the target: landfall run <the plan file>',
    costOfIgnoring: 'there is nothing to start at cutover, or it starts before anybody wants it to',
  };
}

const isRolledBack = ({ cutover }: State): boolean => cutover?.ended?.outcome === 'rolled-back';

/** What acts of its own accord is held at the standby until cutover; a source and its standby never run at once. */
function doubleRun({ plan, wanted, name, machine }: MachineSubject, { state }: View): GateFacts {
  const observed = machine?.observed;
  const acting = observed?.guest.actsTwice;
  const known = new Set(acting?.flatMap(each => [each.name, each.unit ?? each.name]));
  const extra = (own(plan.machines, name)?.hold ?? []).filter(each => !known.has(each));
  const absent = extra.filter(each => isAbsent(each, machine));
  const { cutover } = state;
  const done = own(cutover?.machines ?? {}, name);
  const isTwice =
    done?.started !== undefined && cutover?.dark === false && done.poweredOff?.offAt === undefined;
  const autostart = done?.poweredOff?.autostart === true && done.committedAt !== undefined;
  return {
    check: 'double-run',
    title: 'What would act twice if both sites ran is known, and held at the standby until cutover',
    severity: isTwice ? 'critical' : 'warning',
    verdict: isTwice ? 'fail' : acting === undefined ? 'unproven' : absent.length > 0 ? 'fail' : 'pass',
    evidence: [
      ...(isTwice ? ['the standby was started, and the source was not seen to be off'] : []),
      ...(autostart ? ['the source would have started with its host; the cutover switched that off'] : []),
      ...(acting === undefined
        ? ['the inventory has not looked for it']
        : acting.length + extra.length === 0
          ? ['nothing of the kind was found']
          : [
              ...acting.map(each => `${each.kind}: ${each.name} (${each.detail})`),
              ...extra.map(each =>
                absent.includes(each) ? `plan: ${each}, which this machine does not have` : `plan: ${each}`,
              ),
            ]),
    ],
    evidenceAt: observed?.at,
    checkByHand: virsh(plan, wanted.source.hypervisor, ['dominfo', wanted.source.domain ?? name]),
    remedy: isTwice
      ? [
          'look at once which of the two serves users, and cut the network of the other',
          `then shut the source down: virsh shutdown ${wanted.source.domain ?? name}`,
        ]
      : acting === undefined
        ? 'take the inventory: landfall inventory <the plan file>'
        : absent.length > 0
          ? `correct machines.${name}.hold in the plan: ${absent.join(', ')}`
          : `name in machines.${name}.hold of the plan whatever else must not run at both sites (tier ${wanted.tier})`,
    costOfIgnoring: 'mail goes out twice, jobs run twice, two members of one cluster claim one name',
  };
}

/** A unit that the inventory would have seen, were it there; units that nothing starts and that do not run it cannot see. */
function isAbsent(unit: string, machine: MachineSubject['machine']): boolean {
  const guest = machine?.observed?.guest;
  if (guest?.enabledUnits === undefined || !/\.(?:service|timer|socket|path)$/.test(unit)) return false;
  return !guest.enabledUnits.includes(unit) && !guest.services.includes(unit);
}

function inTime({ name, machine, now }: MachineSubject, view: View): GateFacts {
  const forecast = makesIt(view, name, now);
  const isBare = safeCopy(machine).kind === 'none';
  return {
    check: 'in-time',
    title: 'It makes it before the earliest credible loss of the source',
    severity: forecast.verdict === 'at-risk' && isBare ? 'critical' : 'warning',
    verdict:
      forecast.verdict === 'will-make-it' ? 'pass' : forecast.verdict === 'at-risk' ? 'fail' : 'unproven',
    evidence: [
      forecast.why,
      ...(forecast.spareMs === undefined
        ? []
        : [
            forecast.spareMs >= 0
              ? `${formatDuration(forecast.spareMs)} to spare`
              : `${formatDuration(-forecast.spareMs)} too late`,
          ]),
    ],
    remedy: [
      `see what would save it: landfall triage ${view.plan.name}`,
      'or let more of the link be used, or leave out what may be left out',
    ],
    costOfIgnoring: 'the storm comes first',
  };
}
