import { access, constants } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LandfallError } from '../foundation/errors.ts';
import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import { NAME_PATTERN } from '../foundation/names.ts';
import { harmless } from '../foundation/text.ts';
import { counted } from '../foundation/units.ts';
import { type Discovered, previewDiscovery } from '../inventory/discover/discover.ts';
import { nameHypervisors, nameSites, planName } from '../inventory/discover/names.ts';
import { proposePlan } from '../inventory/discover/plan.ts';
import type { HypervisorFindings } from '../inventory/discover/shape.ts';
import { addressFault } from '../plan/address.ts';
import { formatProblem, type ProblemsReport, problemsJson } from '../plan/format.ts';
import { parsePlan } from '../plan/load.ts';
import { planSchema } from '../plan/schema.ts';
import { type NewPlan, newPlan } from '../plan/template.ts';
import { formatArgv } from '../remote/quote.ts';
import { describe } from '../step/action.ts';
import { type DiscoveredSites, discoverSites } from './discover.ts';
import type { Io } from './io.ts';
import { shortPath, sshConfigOption } from './paths.ts';
import { createPlan, planExists } from './save-plan.ts';
import { createStyle, type Style } from './style.ts';

/** The words from which a plan is made, on the command line or on the screen. */
export interface PlanWords {
  readonly file: string;
  readonly source: readonly string[];
  readonly target: readonly string[];
  readonly earliest?: string | undefined;
  readonly expected?: string | undefined;
  readonly machines?: readonly string[] | undefined;
  readonly sshConfig?: string | undefined;
}

export interface InitInput extends PlanWords {
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** The schema for editors, as it is shipped; src/ and dist/ lie beside plans/ alike. */
const SCHEMA = fileURLToPath(new URL('../../plans/plan.schema.json', import.meta.url));

/** Looks at both sites and writes a first plan. Everything that can be refused is refused before a host is asked. */
export async function initPlan(io: Io, input: InitInput): Promise<ExitCode> {
  await checkPlanWords(io, input);
  const file = resolve(io.cwd, input.file);
  if (input.dryRun) {
    preview(io, input, shortPath(io, file));
    return EXIT.ok;
  }
  const style = createStyle(io.colour, io.unicode);
  const found = await discoverSites(io, {
    ...hypervisorsOf(input),
    sshConfig: sshConfigOption(io, input.sshConfig),
    watch: true,
    onHypervisor: hypervisor => {
      if (!input.json) io.err(lookedAt(hypervisor, style));
    },
  });
  const text = newPlan(proposal(io, input, found));
  await createPlan(file, text);
  tell(io, input, { file, text, found, style });
  const hypervisors = [...found.source.hypervisors, ...found.target.hypervisors];
  return hypervisors.every(({ reached }) => reached) ? EXIT.ok : EXIT.partial;
}

/** The hypervisors of both sites under names that tell them apart. */
export function hypervisorsOf({ source, target }: PlanWords): Record<'source' | 'target', Discovered[]> {
  const named = nameHypervisors([...source, ...target]);
  return { source: named.slice(0, source.length), target: named.slice(source.length) };
}

/** Refuses what cannot become a plan: `usage`, and `plan.exists` where there is a file already. Asks no host. */
export async function checkPlanWords(io: Io, input: PlanWords): Promise<void> {
  const refuse = (what: string, ...next: string[]): LandfallError =>
    new LandfallError('usage', { what, next: [...next, 'landfall init --help'] });
  const stem = nameOf(input.file);
  if (stem === basename(input.file)) {
    throw refuse(`FILE: "${input.file}" is no YAML file`, `name it ${input.file}.yaml`);
  }
  if (!NAME_PATTERN.test(stem)) {
    throw refuse(
      `FILE: "${stem}" cannot be the name of a plan: a-z, 0-9 and "-" only`,
      `name it ${join(dirname(input.file), planName(stem, 'storm'))}.yaml`,
    );
  }
  for (const side of ['source', 'target'] as const) {
    if (side === 'source' && input.source.length === 0)
      throw refuse('--source: name at least one hypervisor of that site');
    for (const address of input[side]) {
      const fault = addressFault(address);
      if (fault === undefined) continue;
      throw refuse(`--${side}: "${address}": ${fault}`, 'user and port come from ssh_config');
    }
  }
  for (const key of ['earliest', 'expected'] as const) {
    const written = input[key];
    if (written === undefined) continue;
    const read = planSchema.shape.deadline.shape[key].safeParse(written);
    if (!read.success)
      throw refuse(`--${key}: "${written}": ${read.error.issues[0]?.message ?? 'not a moment'}`);
  }
  const file = resolve(io.cwd, input.file);
  if (await exists(file)) throw planExists(shortPath(io, file));
}

const nameOf = (file: string): string => basename(file).replace(/\.ya?ml$/, '');

async function exists(file: string): Promise<boolean> {
  try {
    await access(file, constants.F_OK);
    return true;
  } catch {
    // Absent, or in a folder that cannot be looked into: writing it will tell.
    return false;
  }
}

function preview(io: Io, input: InitInput, file: string): void {
  const { source, target } = hypervisorsOf(input);
  const hosts = [...source, ...target].map(hypervisor => ({
    ...hypervisor,
    actions: previewDiscovery(hypervisor, {
      volumes: target.includes(hypervisor),
      watched: source.includes(hypervisor),
    }),
  }));
  if (input.json) {
    io.out(`${JSON.stringify({ v: 1, type: 'dry-run', writes: file, hosts })}\n`);
    return;
  }
  io.out('A dry run: nothing is executed, no host is contacted, and nothing is written.\n');
  for (const { name, address, actions } of hosts) {
    io.out(`\nOn ${name} (${address}), all of it reading:\n`);
    for (const action of actions) io.out(`  ${harmless(describe(action))}\n`);
  }
  io.out(`\nThen it would write ${file}\n`);
}

interface Written {
  readonly file: string;
  readonly text: string;
  readonly found: DiscoveredSites;
}

/** The plan that both sites suggest; its words were checked. */
export function proposal(io: Io, input: PlanWords, found: DiscoveredSites): NewPlan {
  const file = resolve(io.cwd, input.file);
  const folder = dirname(file);
  const near = (path: string): string => {
    const way = relative(folder, path);
    return way.startsWith('.') ? way : `./${way}`;
  };
  const config = input.sshConfig === undefined ? undefined : resolve(io.cwd, input.sshConfig);
  const inFolder = config !== undefined && !relative(folder, config).startsWith('..');
  const shown = formatArgv([shortPath(io, file)]);
  return proposePlan(found, {
    name: nameOf(file),
    schema: near(SCHEMA),
    about: [
      `Written by landfall from what it saw on ${[...input.source, ...input.target].join(', ')}.`,
      'It is yours now. Fill in what is marked FILL IN, choose tiers and order, then:',
      `  landfall check ${shown}            every problem with its line; contacts nothing`,
      `  landfall inventory ${shown}        what the machines need and nobody moves: it belongs under external:`,
      `  landfall run ${shown} --dry-run    every action, in order; touches nothing`,
    ],
    siteNames: nameSites(input.source, input.target),
    deadline: { earliest: input.earliest, expected: input.expected },
    sshConfig: config === undefined ? undefined : inFolder ? relative(folder, config) : config,
    machines: input.machines,
    addresses: found.addresses,
  });
}

/** One line a hypervisor, as it was looked at, and below it what could not be read. */
function lookedAt(found: HypervisorFindings, style: Style): string {
  const { name, reached, domains, networks, pools, troubles } = found;
  const said = troubles
    .slice(0, 8)
    .flatMap(({ subject, error }) => [
      `  ${style.warn(style.marks.warn)} ${harmless(reached ? `${subject}: ${error.what}` : error.what)}\n`,
      ...(error.evidence ?? []).slice(0, 4).map(line => `    | ${harmless(line)}\n`),
      ...error.next.slice(0, 2).map(step => `    next: ${harmless(step)}\n`),
    ]);
  const more = troubles.length > 8 ? [`  and ${troubles.length - 8} more\n`] : [];
  const running = domains.filter(({ state }) => state === 'running').length;
  const volumes = pools.reduce((sum, pool) => sum + pool.volumes.length, 0);
  const summary = reached
    ? `${counted(domains.length, 'domain')} (${running} running), ${counted(networks.length, 'network')}, ` +
      counted(pools.length, 'pool') +
      (volumes > 0 ? ` with ${counted(volumes, 'volume')}` : '')
    : 'could not be looked at';
  const mark = !reached
    ? style.bad(style.marks.bad)
    : troubles.length > 0
      ? style.warn(style.marks.warn)
      : style.good(style.marks.good);
  return `${mark} ${name}: ${summary}\n${[...said, ...more].join('')}`;
}

/** As many places as a screen holds; the check lists all of them. */
const MOST_SHOWN = 12;

function tell(io: Io, input: InitInput, written: Written & { readonly style: Style }): void {
  const { file, text, found, style } = written;
  const result = parsePlan(text, { file, now: io.clock.now() });
  const report: ProblemsReport = problemsJson(file, result);
  const shown = shortPath(io, file);
  const next = [
    ...(result.ok ? [] : [`fill in what is marked FILL IN in ${shown}`]),
    `landfall check ${formatArgv([shown])}`,
  ];
  if (input.json) {
    const { source, target } = found;
    io.out(
      `${JSON.stringify({ v: 1, type: 'init', file, sites: nameSites(input.source, input.target), source, target, check: report, next })}\n`,
    );
    return;
  }
  const machines = (text.match(/^ {4}tier: /gm) ?? []).length;
  io.out(`${style.good(style.marks.good)} wrote ${shown}: ${counted(machines, 'machine')}\n`);
  if (report.problems.length > 0) {
    io.out(`\n${counted(report.problems.length, 'place')} to fill in or to look at:\n`);
    for (const problem of report.problems.slice(0, MOST_SHOWN)) {
      io.out(`${formatProblem({ ...problem, file: shown }, text)}\n`);
    }
    if (report.problems.length > MOST_SHOWN) {
      io.out(`and ${report.problems.length - MOST_SHOWN} more; the check below lists all of them\n`);
    }
  }
  next.forEach((step, at) => {
    io.out(`${at === 0 ? '\nnext: ' : '      '}${step}\n`);
  });
}
