import type { Clock } from '../../foundation/clock.ts';
import { asLandfallError, type LandfallError } from '../../foundation/errors.ts';
import { harmlessValue } from '../../foundation/harmless-value.ts';
import type { DomainSurvey, HypervisorSurvey } from '../../journal/facts-site.ts';
import type { SurveyGap } from '../../journal/facts-survey.ts';
import type { Plan } from '../../plan/schema.ts';
import type { Host } from '../../remote/host.ts';
import { isLinkFault } from '../../step/retry.ts';
import { BRIDGES, parseBridges } from '../../tools/bridges.ts';
import { type DomainStats, parseDomainStats } from '../../tools/domain-stats.ts';
import { forwardOf, parseNetwork } from '../../tools/libvirt-network.ts';
import { parsePool } from '../../tools/libvirt-xml.ts';
import { versionLine } from '../../tools/virsh.ts';
import { Asking } from './asking.ts';
import { cpuFit, sourcesOf } from './cpu-fit.ts';
import { ratesSince, STATS } from './rates.ts';
import { type PoolWithPath, surveyDomain } from './survey-domain.ts';

/** Domains of one hypervisor that are looked at; what is beyond is told as a gap. */
export const MOST_DOMAINS = 500;
/** Networks and pools of one hypervisor that are looked at. */
const MOST_OBJECTS = 200;
const MOST_GAPS = 100;
/** Questions to one hypervisor at a time: beside it production and passes go on. */
const AT_ONCE = 4;
export interface SurveyParts {
  readonly plan: Plan;
  readonly host: Host;
  readonly hostOf: (name: string) => Promise<Host>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Everything of one hypervisor, whether the plan knows it or not; all of it is reading. What could not be learned is a
 * gap and costs nothing else; only a lost connection ends it, with its `ssh.*` error.
 */
export async function surveyHypervisor({
  plan,
  host,
  hostOf,
  clock,
  signal,
}: SurveyParts): Promise<HypervisorSurvey> {
  const gaps: SurveyGap[] = [];
  const asking = new Asking({
    uri: plan.hypervisors[host.id]?.uri ?? 'qemu:///system',
    atOnce: AT_ONCE,
    signal,
    onTrouble(subject, error) {
      // Without a connection every question would fail: the step is tried again as a whole.
      if (isLinkFault(error)) throw error;
      gaps.push(gapOf(subject, error));
    },
  });
  const bounded = <T>(what: string, all: readonly T[], most: number): readonly T[] => {
    if (all.length > most) gaps.push({ what: `${what} beyond the first ${most}`, why: 'cut-short' });
    return all.slice(0, most);
  };
  const stats = async (): Promise<Map<string, DomainStats>> => {
    const text = await asking.at('what its domains read and write', () => asking.ask(host, ...STATS));
    return parseDomainStats(text ?? '');
  };

  const fitOf = async (source: string): Promise<HypervisorSurvey['cpuFit'][number]> => {
    try {
      return await cpuFit({ plan, target: host, source: await hostOf(source), signal });
    } catch (thrown) {
      const error = asLandfallError(thrown);
      if (error.family === 'cancelled' || error.family === 'bug') throw error;
      // It may be the other host that does not answer: no reason to begin this survey again.
      return { source, fit: 'unknown', detail: error.facts.what };
    }
  };

  const begun = clock.monotonic();
  const first = await stats();
  const list = (subject: string, ...filter: string[]): Promise<string[]> =>
    asking.names(host, subject, 'list', '--all', '--uuid', ...filter);
  const marks = {
    autostart: new Set(await list('which domains start by themselves', '--autostart')),
    snapshots: new Set(await list('which domains have snapshots', '--with-snapshot')),
    checkpoints: new Set(await list('which domains have checkpoints', '--with-checkpoint')),
  };
  const uuids = bounded('domains', await list('its domains'), MOST_DOMAINS);
  const pools = await poolsOf(asking, host, names => bounded('pools', names, MOST_OBJECTS));
  const domains = await asking.each(uuids, uuid =>
    surveyDomain({ asking, host, uuid, stats: first, marks, pools, signal }),
  );
  const survey: HypervisorSurvey = {
    gaps,
    domains,
    networks: await networksOf(asking, host, names => bounded('networks', names, MOST_OBJECTS)),
    pools: pools.map(({ path: _path, ...pool }) => pool),
    bridges: (await asking.at('its bridges', () => bridgesOf(asking, host, signal))) ?? [],
    cpuFit: await asking.each(sourcesOf(plan, host.id), source => fitOf(source)),
    versions: await versionsOf(asking, host, signal),
  };
  const rated = domains.some(({ state }) => state === 'running')
    ? withRates(survey, await ratesSince(first, { stats, begun, clock, signal }))
    : survey;
  return harmlessValue({ ...rated, gaps: briefly(gaps) });
}

const withRates = (
  survey: HypervisorSurvey,
  ratesOf: (domain: string) => DomainSurvey['rates'],
): HypervisorSurvey => ({
  ...survey,
  domains: survey.domains.map(domain => {
    const rates = ratesOf(domain.name);
    return rates === undefined ? domain : { ...domain, rates };
  }),
});

type Bounded = (names: readonly string[]) => readonly string[];

async function poolsOf(asking: Asking, host: Host, bounded: Bounded): Promise<PoolWithPath[]> {
  const list = (subject: string, ...filter: string[]): Promise<string[]> =>
    asking.names(host, subject, 'pool-list', ...filter, '--name');
  const active = new Set(await list('which pools are active'));
  const autostart = new Set(await list('which pools start by themselves', '--all', '--autostart'));
  return asking.each(bounded(await list('its pools', '--all')), name =>
    asking.at(`the pool ${name}`, async () => {
      const xml = await asking.ask(host, 'pool-dumpxml', name);
      const { type, path } = asking.understood(host, parsePool(xml), ['pool-dumpxml', name], xml);
      return { name, type, path, active: active.has(name), autostart: autostart.has(name) };
    }),
  );
}

async function networksOf(
  asking: Asking,
  host: Host,
  bounded: Bounded,
): Promise<HypervisorSurvey['networks']> {
  const list = (subject: string, ...filter: string[]): Promise<string[]> =>
    asking.names(host, subject, 'net-list', ...filter, '--name');
  const active = new Set(await list('which networks are active'));
  return asking.each(bounded(await list('its networks', '--all')), name =>
    asking.at(`the network ${name}`, async () => {
      const xml = await asking.ask(host, 'net-dumpxml', name);
      const { bridge, cidrs } = asking.understood(host, parseNetwork(xml), ['net-dumpxml', name], xml);
      const forward = forwardOf(xml);
      return {
        ...{ name, active: active.has(name), addresses: [...cidrs] },
        ...(bridge === undefined ? {} : { bridge }),
        ...(forward === undefined ? {} : { forward }),
      };
    }),
  );
}

async function bridgesOf(asking: Asking, host: Host, signal: AbortSignal): Promise<string[]> {
  const { stdout } = await host.exec(BRIDGES, { signal });
  const text = stdout.toString('utf8');
  return asking.understood(host, parseBridges(text), BRIDGES, text);
}

async function versionsOf(
  asking: Asking,
  host: Host,
  signal: AbortSignal,
): Promise<HypervisorSurvey['versions']> {
  const line = versionLine((await asking.at('its versions', () => asking.ask(host, 'version'))) ?? '')?.split(
    ', ',
  );
  const release = await asking.at('its kernel', () => host.exec(['uname', '-r'], { signal }));
  const kernel = release?.stdout.toString('utf8').trim();
  const [libvirt, qemu] = line ?? [];
  return {
    ...(libvirt === undefined ? {} : { libvirt }),
    ...(qemu === undefined ? {} : { qemu }),
    ...(kernel === undefined || kernel === '' ? {} : { kernel }),
  };
}

function gapOf(what: string, error: LandfallError): SurveyGap {
  const raw = error.facts.evidence?.join('\n') ?? error.facts.what;
  const [help] = error.facts.next;
  return { what, why: whyOf(error), raw, ...(help === undefined ? {} : { help }) };
}

function whyOf({ code }: LandfallError): SurveyGap['why'] {
  if (code === 'remote.command-missing') return 'no-tool';
  if (code === 'remote.timeout') return 'timed-out';
  if (code === 'remote.answer-unreadable') return 'unreadable';
  return 'refused';
}

/** One question that is refused for every domain would fill the journal. */
function briefly(gaps: readonly SurveyGap[]): SurveyGap[] {
  if (gaps.length <= MOST_GAPS) return [...gaps];
  const rest = gaps.length - MOST_GAPS;
  return [...gaps.slice(0, MOST_GAPS), { what: `${rest} more that could not be learned`, why: 'cut-short' }];
}
