import { freshness } from '../../estate/freshness.ts';
import { harmless } from '../../foundation/text.ts';
import { counted, formatBytes } from '../../foundation/units.ts';
import type { State } from '../../journal/state.ts';
import type { View } from '../../step/step.ts';
import type { Shown } from './json.ts';
import { detail, hung } from './lay.ts';

/** Each hypervisor: what it is, the room in its pools, what runs on it. */
export function hypervisorsText(
  { plan, state }: View,
  { now, width }: Pick<Shown, 'now'> & { readonly width: number },
): string {
  const lines = Object.keys(plan.hypervisors).flatMap(name => {
    const known = state.hypervisors[name];
    const title = name.padEnd(12);
    if (known === undefined) return [`${title} not seen yet`];
    const about = [known.version, counted(known.cpus, 'CPU'), formatBytes(known.memory)].join(', ');
    const pools = Object.entries(known.pools).map(
      ([pool, { capacity, available }]) =>
        `${pool} ${formatBytes(available)} of ${formatBytes(capacity)} free`,
    );
    return [
      ...hung(
        `${title} `,
        `${harmless(about)}, seen ${freshness('inventory', known.observedAt, now).words}`,
        width,
      ),
      ...detail('pools', harmless(pools.join(', ') || 'none'), width),
      ...surveyed(state.surveys?.[name], width),
    ];
  });
  return `hypervisors\n${lines.join('\n')}\n`;
}

type Survey = NonNullable<State['surveys']>[string];

function surveyed(survey: Survey | undefined, width: number): string[] {
  if (survey === undefined) return [];
  const running = survey.domains.filter(({ state }) => state === 'running');
  const fits = survey.cpuFit.filter(({ fit }) => fit === 'incompatible' || fit === 'unknown');
  return [
    ...detail('domains', domainWords(survey.domains.length, running), width),
    ...detail(
      'networks',
      survey.networks.map(({ name, active }) => `${harmless(name)}${active ? '' : ' (off)'}`).join(', '),
      width,
    ),
    ...fits.flatMap(({ source, fit, detail: words }) =>
      detail('cpu', `${fit} with ${source}: ${harmless(words)}`, width),
    ),
  ];
}

function domainWords(all: number, running: Survey['domains']): string {
  if (all === 0) return 'none';
  if (running.length === 0) return `${all}, none of them running`;
  return `${all}, ${running.length} running: ${running.map(({ name }) => harmless(name)).join(', ')}`;
}
