import { freshness } from '../../estate/freshness.ts';
import { harmless } from '../../foundation/text.ts';
import { formatBytes } from '../../foundation/units.ts';
import type { ActsTwiceFacts, BootFacts, GuestFacts, NetworkConfigFacts } from '../../journal/facts.ts';
import type { SurveyFacts } from '../../journal/facts-survey.ts';
import { certificateWords, serviceWords } from '../../reports/inventory/recovery/machine.ts';
import type { View } from '../../step/step.ts';
import type { Shown } from './json.ts';
import { detail, hung } from './lay.ts';

/**
 * Each machine in a few lines: what it is and how large, what starts it, who configures its network, what would act a
 * second time if it ran at both sites, and what is around it; the reason where it could not be seen.
 */
export function machinesText(
  { plan, state }: View,
  { now, machines, width }: Shown & { readonly width: number },
): string {
  const lines = [
    `${'machine'.padEnd(12)} ${'system'.padEnd(30)} ${'disks'.padStart(9)} ${'used'.padStart(9)}`,
  ];
  for (const name of machines.length > 0 ? machines : Object.keys(plan.machines)) {
    const machine = state.machines[name];
    const seen = machine?.observed;
    if (seen === undefined) {
      const why = machine?.failure?.error.what ?? 'not seen yet';
      lines.push(...hung(`${name.padEnd(12)} `, harmless(why), width));
      continue;
    }
    const { domain, guest } = seen;
    const disks = domain.disks.reduce((sum, disk) => sum + disk.capacity, 0);
    const used = guest.fileSystems.reduce((sum, fs) => sum + fs.used, 0);
    const mounts = guest.fileSystems.map(fs => `${fs.mountpoint} (${fs.type})`).join(', ');
    lines.push(
      `${name.padEnd(12)} ${harmless(guest.os.pretty).slice(0, 30).padEnd(30)} ${formatBytes(disks).padStart(9)} ${formatBytes(used).padStart(9)}`,
      ...[
        ['seen', freshness('inventory', seen.at, now).words] as const,
        ['mounts', harmless(mounts)] as const,
        ...details(guest),
        ...around(machine?.surveyed, now),
      ].flatMap(([word, text]) => detail(word, text, width)),
    );
  }
  return `${lines.join('\n')}\n`;
}

type Detail = readonly [word: string, text: string];

function details(guest: GuestFacts): Detail[] {
  return [
    ...(guest.boot === undefined ? [] : [['boot', bootLine(guest.boot, guest.kernel)] as const]),
    ...(guest.network === undefined ? [] : [['network', networkLine(guest.network)] as const]),
    ...(guest.actsTwice === undefined ? [] : twiceLines(guest.actsTwice)),
  ];
}

/** More would bury the rest; --json has all of it. */
const MOST_OF_A_KIND = 6;

/** What the wide look found around it, a line a kind. */
function around(survey: (SurveyFacts & { readonly at: number }) | undefined, now: number): Detail[] {
  if (survey === undefined) return [];
  const { shares, upstreams, schedules, containers, certificates, dataServices, gaps } = survey;
  const kind = (word: string, all: readonly string[] | undefined): Detail[] => {
    if (all === undefined || all.length === 0) return [];
    const more = all.length - MOST_OF_A_KIND;
    const told = all.slice(0, MOST_OF_A_KIND).map(harmless).join('; ');
    return [[word, more > 0 ? `${told}; and ${more} more` : told]];
  };
  return [
    ...kind('data', dataServices?.map(serviceWords)),
    ...kind(
      'shares',
      shares?.map(({ mountpoint, type, server, path }) => `${mountpoint} from ${server}:${path} (${type})`),
    ),
    ...kind('uses', upstreams?.map(({ role, host }) => `${role} ${host}`).filter(isFirst)),
    ...kind(
      'containers',
      containers?.map(({ engine, name, state }) => `${name} (${engine}, ${state})`),
    ),
    ...kind(
      'schedules',
      schedules === undefined || schedules.length === 0
        ? []
        : [
            `${schedules.length}, ${schedules.filter(({ mails }) => mails === true).length || 'none'} of them known to send mail`,
          ],
    ),
    ...kind(
      'expiring',
      certificates
        ?.filter(({ notAfter }) => notAfter < now + SOON_MS)
        .map(each => certificateWords(each, now)),
    ),
    ...kind(
      'not known',
      gaps.map(({ what }) => what),
    ),
  ];
}

const SOON_MS = 30 * 24 * 3600e3;

const isFirst = <T>(each: T, index: number, all: readonly T[]): boolean => all.indexOf(each) === index;

/** The kernel that runs, or where its image is gone, the others. */
function bootLine({ loader, kernels }: BootFacts, running: string): string {
  const starts = loader === 'unknown' ? 'loader unknown' : loader === 'none' ? 'no boot loader' : loader;
  const own = kernels.filter(({ version }) => version === running);
  const told = (own.length > 0 ? own : kernels).map(({ version, initramfs, drivers }) => {
    const states = Object.values(drivers);
    const virtio = states.includes('missing')
      ? `without ${Object.keys(drivers)
          .filter(name => drivers[name] === 'missing')
          .join(', ')}`
      : states.includes('unknown')
        ? '(whether it has virtio drivers is not known)'
        : 'with virtio drivers';
    return `kernel ${version}, ${initramfs === undefined ? 'no initramfs' : 'initramfs'} ${virtio}`;
  });
  return harmless([starts, ...(told.length > 0 ? told : ['no kernel found'])].join('; '));
}

function networkLine(network: readonly NetworkConfigFacts[]): string {
  const byManager = Map.groupBy(network, config => config.manager);
  const told = [...byManager].map(([manager, configs]) => {
    const interfaces = configs.map(({ interface: name, mac, addresses, dhcp }) =>
      [name ?? mac ?? 'any', ...addresses, ...(dhcp ? ['DHCP'] : [])].join(' '),
    );
    return `${manager}: ${[...new Set(interfaces)].join(', ')}`;
  });
  return told.length === 0 ? 'no configuration found' : harmless(told.join('; '));
}

/** One line for each kind: names first, because those are what is held at the standby. */
function twiceLines(acting: readonly ActsTwiceFacts[]): Detail[] {
  if (acting.length === 0) return [['twice', 'nothing known acts twice']];
  return [...Map.groupBy(acting, ({ kind }) => kind)].map(([kind, facts], at) => [
    at === 0 ? 'twice' : '',
    `${kind}: ${facts.map(({ name }) => harmless(name)).join(', ')}`,
  ]);
}
