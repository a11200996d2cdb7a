import { isIP } from 'node:net';
import { counted, formatBytes, formatDuration } from '../../foundation/units.ts';
import type { DomainSurvey, HypervisorSurvey } from '../../journal/facts-site.ts';
import { get } from '../../journal/maps.ts';
import type { MachineState } from '../../journal/state.ts';
import type { MachinePlan } from '../../plan/schema.ts';
import type { View } from '../../step/step.ts';
import { changedDrift } from './around.ts';
import { driftId } from './build.ts';
import type { Drift } from './shape.ts';

interface Subject {
  readonly view: View;
  readonly name: string;
  readonly wanted: MachinePlan;
  readonly machine: MachineState | undefined;
  readonly survey: (HypervisorSurvey & { readonly at: number }) | undefined;
  /** As the last survey saw it; undefined where none did, or it is not there. */
  readonly domain: DomainSurvey | undefined;
  readonly now: number;
}

/** Where one machine differs from the plan, from its replica, or from what it was. None once its copy is production. */
export function machineDrift(view: View, name: string, now: number): Drift[] {
  const wanted = get(view.plan.machines, name);
  const { cutover } = view.state;
  const isOver = cutover?.ended?.outcome === 'committed' || get(cutover?.machines ?? {}, name)?.poweredOff;
  if (wanted === undefined || isOver) return [];
  const machine = get(view.state.machines, name);
  const survey = get(view.state.surveys ?? {}, wanted.source.hypervisor);
  const uuid = machine?.observed?.domain.uuid;
  const domain =
    survey?.domains.find(each => each.uuid === uuid) ??
    survey?.domains.find(each => each.name === (wanted.source.domain ?? name));
  const subject: Subject = { view, name, wanted, machine, survey, domain, now };
  const changed = get(view.state.drift ?? {}, name);
  return [
    ...gone(subject),
    ...disks(subject),
    ...address(subject),
    ...cards(subject),
    ...jobs(subject),
    ...staysBehind(subject),
    ...certificates(subject),
    ...(changed === undefined ? [] : changedDrift(name, changed, machine?.observed?.at, now)),
  ];
}

function gone({ view, name, wanted, survey, domain, machine }: Subject): Drift[] {
  const { hypervisor } = wanted.source;
  if (survey === undefined) return [];
  const common = { kind: 'domain-gone', subject: name, severity: 'critical', seenAt: survey.at } as const;
  if (domain !== undefined)
    return domain.state === 'running'
      ? []
      : [
          {
            ...common,
            id: driftId('domain-gone', name),
            what: `the domain of ${name} on ${hypervisor} does not run: ${domain.state}`,
            why: 'its copy does not follow any more, and nobody is served',
            evidence: [`UUID ${domain.uuid}`],
            next: [`find out who stopped it, then on ${hypervisor}: virsh start ${domain.name}`],
          },
        ];
  // A list that could not be had, or a domain that could not be read, is not a domain that is gone.
  if (survey.gaps.some(({ what }) => /\bdomains?\b/.test(what))) return [];
  const uuid = machine?.observed?.domain.uuid;
  const elsewhere = Object.entries(view.state.surveys ?? {}).find(
    ([other, { domains }]) =>
      other !== hypervisor &&
      other !== wanted.target.hypervisor &&
      uuid !== undefined &&
      domains.some(each => each.uuid === uuid),
  );
  return [
    {
      ...common,
      id: driftId('domain-gone', name),
      what: `there is no domain of ${name} on ${hypervisor} any more`,
      why: 'nothing can be copied from where the plan looks for it',
      evidence: [
        elsewhere === undefined
          ? `domains there: ${
              survey.domains
                .map(each => each.name)
                .slice(0, 20)
                .join(', ') || 'none'
            }`
          : `it is on ${elsewhere[0]} now`,
      ],
      next: [
        elsewhere === undefined
          ? `correct machines.${name}.source.domain or .hypervisor in the plan`
          : `say so in the plan: machines.${name}.source.hypervisor: ${elsewhere[0]}`,
      ],
    },
  ];
}

/** The newest of both looks, against the volumes that were made for it. */
function disks({ name, machine, survey, domain }: Subject): Drift[] {
  const volumes = machine?.replica?.volumes;
  const observed = machine?.observed;
  const isNewer = domain !== undefined && (survey?.at ?? 0) > (observed?.at ?? 0);
  const now = isNewer ? domain.disks : observed?.domain.disks;
  if (volumes === undefined || now === undefined) return [];
  const seenAt = (isNewer ? survey?.at : observed?.at) ?? 0;
  const make = (
    kind: 'disk-added' | 'disk-removed' | 'disk-resized',
    disk: string,
    severity: Drift['severity'],
    rest: Pick<Drift, 'what' | 'why'>,
  ): Drift => ({
    ...{ id: driftId(kind, name, disk), kind, subject: name, severity, seenAt, ...rest },
    evidence: [
      `at the source: ${now.map(each => `${each.target} ${formatBytes(each.capacity)}`).join(', ') || 'no disk'}`,
      `built for: ${volumes.map(each => `${each.disk} ${formatBytes(each.capacity)}`).join(', ') || 'no disk'}`,
    ],
    next: [
      'build the target anew for the disks as they are now: landfall run <the plan file>',
      ...(kind === 'disk-added' ? ['or unplug the disk where it was meant for a moment only'] : []),
    ],
  });
  const added = now
    .filter(({ target, capacity }) => capacity > 0 && !volumes.some(({ disk }) => disk === target))
    .map(({ target, capacity }) =>
      make('disk-added', target, 'critical', {
        what: `disk ${target} of ${name} (${formatBytes(capacity)}) was added after its target was built`,
        why: 'nothing on it travels',
      }),
    );
  const removed = volumes
    .filter(({ disk }) => !now.some(({ target }) => target === disk))
    .map(({ disk }) =>
      make('disk-removed', disk, 'warning', {
        what: `disk ${disk} of ${name} is gone since its target was built`,
        why: 'the copy has a disk that the source has not: its mounts may differ',
      }),
    );
  const resized = now.flatMap(({ target, capacity }) => {
    const before = volumes.find(({ disk }) => disk === target)?.capacity;
    if (before === undefined || capacity <= 0 || before === capacity) return [];
    const isLarger = capacity > before;
    return make('disk-resized', target, isLarger ? 'critical' : 'warning', {
      what: `disk ${target} of ${name} is ${formatBytes(capacity)} now, and its replica ${formatBytes(before)}`,
      why: isLarger
        ? 'what is written beyond the old end has no place in the copy'
        : 'the copy is larger than its source',
    });
  });
  return [...added, ...removed, ...resized];
}

/** Only addresses in figures can be compared: a name may lead anywhere. */
function address({ name, wanted, machine }: Subject): Drift[] {
  const observed = machine?.observed;
  const planned = wanted.source.address;
  if (observed === undefined || observed.guest.login === false || isIP(planned) === 0) return [];
  const own = observed.guest.addresses.map(each => each.split('/')[0] ?? each);
  if (own.length === 0 || own.includes(planned)) return [];
  return [
    {
      id: driftId('address-changed', name),
      kind: 'address-changed',
      subject: name,
      severity: 'warning',
      what: `${planned}, where the plan has ${name}, is none of the addresses that it has`,
      why: "it was moved, or addresses are translated on the way: what points to the plan's address may miss it",
      evidence: [`its own: ${own.join(', ')}`],
      next: [
        `correct machines.${name}.source.address in the plan`,
        'where addresses are translated on purpose, waive this and say so',
      ],
      seenAt: observed.at,
    },
  ];
}

function cards({ name, wanted, survey, domain }: Subject): Drift[] {
  if (survey === undefined || domain === undefined) return [];
  if (survey.gaps.some(({ what }) => /\b(?:networks?|bridges)\b/.test(what))) return [];
  const known = new Set([
    ...survey.bridges,
    ...survey.networks.flatMap(({ name: network, bridge }) => [
      network,
      ...(bridge === undefined ? [] : [bridge]),
    ]),
  ]);
  return domain.interfaces
    .filter(({ kind, network }) => (kind === 'network' || kind === 'bridge') && !known.has(network))
    .map(({ mac, network }) => ({
      id: driftId('bridge-gone', name, network),
      kind: 'bridge-gone',
      subject: name,
      severity: 'warning',
      what: `a network card of ${name} hangs on "${network}", which is not on ${wanted.source.hypervisor}`,
      why: 'the machine would not start again there, and where it belongs at the target cannot be told',
      evidence: [`card ${mac}`, `there: ${[...known].join(', ') || 'none'}`],
      next: [`find out what became of it: virsh net-list --all; ip link show type bridge`],
      seenAt: survey.at,
    }));
}

/** A job of landfall's own mover is none that anybody has to know of. */
function jobs({ name, survey, domain, machine }: Subject): Drift[] {
  const last = machine?.passes.at(-1);
  const isOurs =
    last?.mover === 'blocks' &&
    (last.ended === undefined || last.ended.startedAt + last.ended.ms >= (survey?.at ?? 0));
  if (domain?.job === undefined || survey === undefined || isOurs) return [];
  return [
    {
      id: driftId('job', name),
      kind: 'job',
      subject: name,
      severity: 'warning',
      what: `libvirt runs a job on ${name} that landfall did not start: ${domain.job}`,
      why: 'while it runs no pass by blocks can begin, and a migration takes the machine away from where the plan has it',
      evidence: [`seen on ${domain.name}`],
      next: [
        `see whose it is: virsh domjobinfo ${domain.name}`,
        'a nightly backup: let it end, and hold the next ones until the cutover',
      ],
      seenAt: survey.at,
    },
  ];
}

/** What a domain has and its copy cannot have. */
function staysBehind({ name, survey, domain }: Subject): Drift[] {
  if (survey === undefined || domain === undefined) return [];
  const common = { subject: name, severity: 'warning', seenAt: survey.at } as const;
  return [
    ...(domain.passthrough.length === 0
      ? []
      : [
          {
            ...common,
            id: driftId('passthrough', name),
            kind: 'passthrough' as const,
            what: `${name} has ${counted(domain.passthrough.length, 'device')} of its host that cannot travel`,
            why: 'its standby is started without them: a programme that needs one (a licence dongle, a graphics card) does not work',
            evidence: domain.passthrough,
            next: ['find out what needs them, and provide the same at the target, or waive this'],
          },
        ]),
    ...(domain.snapshots === 0
      ? []
      : [
          {
            ...common,
            id: driftId('snapshots', name),
            kind: 'snapshots' as const,
            what: `${name} has ${counted(domain.snapshots, 'snapshot')} that do not travel`,
            why: 'its copy has the present state alone; a chain of overlays also slows the source down',
            evidence: domain.disks.map(
              ({ target, chain }) => `${target} rests on ${counted(chain.length, 'image')}`,
            ),
            next: [
              `see what they are for: virsh snapshot-list ${domain.name}`,
              'delete those that nobody needs',
            ],
          },
        ]),
  ];
}

/** Who renews certificates is busy in these days: what ends within two weeks after the expected loss is told. */
const AFTER_LOSS_MS = 14 * 24 * 3600e3;

function certificates({ view, name, machine, now }: Subject): Drift[] {
  const surveyed = machine?.surveyed;
  const expected = view.state.evacuation?.deadline.expected ?? now;
  const until = Math.max(now, expected) + AFTER_LOSS_MS;
  return (surveyed?.certificates ?? [])
    .filter(({ notAfter }) => notAfter < until)
    .map(({ path, subject, notAfter, names }) => {
      const isOver = notAfter <= now;
      const far = formatDuration(Math.abs(now - notAfter));
      return {
        id: driftId('certificate', name, path),
        kind: 'certificate',
        subject: name,
        severity: 'warning',
        what: isOver
          ? `the certificate ${path} of ${name} expired ${far} ago`
          : `the certificate ${path} of ${name} expires in ${far}`,
        why: isOver
          ? 'whoever checks it refuses the service already, or has been told not to check'
          : 'it runs out in the days around the cutover, when nobody has time to find out why clients refuse',
        evidence: [subject, ...(names.length === 0 ? [] : [`for ${names.slice(0, 5).join(', ')}`])],
        next: [
          'renew it now at the source: the next pass brings it along',
          'or waive this where nobody uses it',
        ],
        seenAt: surveyed?.at ?? now,
      };
    });
}
