import type { DataServiceFacts } from '../../../journal/facts-survey.ts';
import { parseHotFiles } from '../../guest/hot-files.ts';
import type { Answers } from '../learn.ts';
import { type DataAnswers, type DataProcess, portsByPid, readDataAnswers } from './data-answers.ts';
import { ENGINES, type Engine } from './engines.ts';
import type { Installed } from './packages.ts';
import { bounded, byText, isRoot } from './rows.ts';

const KEPT = 60;
const KEPT_PLACES = 12;

/**
 * Services that hold data: those that run, those whose open files give them away, and data at a usual place that nothing
 * serves. Versions are those of their packages.
 */
export function readDataServices(
  answers: Answers,
  installed: readonly Installed[],
): DataServiceFacts[] | undefined {
  const told = readDataAnswers(answers);
  if (told === undefined) return undefined;
  if (!isRoot(answers))
    answers.gap('where databases of others keep their files', 'needs-root', undefined, 'ask as root');
  const ports = portsByPid(answers.text('ss') ?? '');
  const hot = parseHotFiles(answers.text('hot-files') ?? '');
  const served = told.processes.flatMap(process => {
    const engine = ENGINES.find(each => each.process.test(process.main || process.name));
    if (engine === undefined) return [];
    const open = hot.filter(each => each.process === process.name && engine.hot?.test(each.engine) === true);
    const directories = directoriesOf(
      told,
      engine,
      process,
      open.map(({ path }) => path),
    );
    const listening =
      ports.get(process.pid) ??
      (engine.port !== undefined && ports.get('')?.includes(engine.port) ? [engine.port] : []);
    return [{ engine, facts: factsOf(told, engine, installed, directories, processOf(process), listening) }];
  });
  const all = [
    ...served.map(({ facts }) => facts),
    ...embedded(hot.filter(each => !told.processes.some(({ name }) => name === each.process))),
    ...cold(told, served, installed),
  ];
  const merged = new Map(all.map(facts => [keyOf(facts), facts]));
  return bounded(answers, 'services that hold data', [...merged.values()].sort(byText(keyOf)), KEPT);
}

const keyOf = ({ engine, process, directories, ports }: DataServiceFacts): string =>
  [engine, process, ...directories, ...ports].join('\n');

const processOf = ({ name, contained }: DataProcess): string =>
  contained ? `${name}, in a container` : name;

/** What the process says itself; without that its configuration, what it has open, and the usual place. */
function directoriesOf(
  told: DataAnswers,
  engine: Engine,
  process: DataProcess,
  open: readonly string[],
): string[] {
  if (process.contained) return [];
  const own = told.places.get(process.pid) ?? [];
  if (own.length > 0) return own.slice(0, KEPT_PLACES);
  const configured = told.configured.get(engine.kind ?? '') ?? [];
  if (configured.length > 0) return configured.slice(0, KEPT_PLACES);
  const usual = told.known.filter(place => engine.usual?.test(place) === true);
  if (usual.length > 0) return usual.slice(0, KEPT_PLACES);
  return [...new Set(open.map(parentOf))].slice(0, KEPT_PLACES);
}

function factsOf(
  told: DataAnswers,
  engine: Engine,
  installed: readonly Installed[],
  directories: readonly string[],
  process: string,
  ports: readonly number[],
): DataServiceFacts {
  const sizes = directories.map(place => told.bytes.get(place));
  const whole = sizes.every(size => size !== undefined) && sizes.length > 0;
  const version = versionOf(told, engine, installed, directories);
  const replication = replicationOf(told, engine, directories);
  return {
    engine: engine.name,
    ...(version === undefined ? {} : { version }),
    process,
    directories: [...directories],
    ports: [...ports].sort((one, other) => one - other),
    ...(whole ? { bytes: sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0) } : {}),
    ...(replication === undefined ? {} : { replication }),
  };
}

/** The package's version; of several major versions that which the directory was made by. */
function versionOf(
  told: DataAnswers,
  engine: Engine,
  installed: readonly Installed[],
  directories: readonly string[],
): string | undefined {
  const candidates = installed.filter(({ name }) => engine.packages.test(name));
  const made = copiesAt(told, directories)
    .map(text => /^version (\d[\d.]*)$/.exec(text)?.[1])
    .find(text => text !== undefined);
  const fitting =
    made === undefined
      ? candidates
      : candidates.filter(({ name, version }) => name.endsWith(`-${made}`) || version.startsWith(`${made}.`));
  return (fitting[0]?.version ?? made)?.slice(0, 60);
}

const copiesAt = (told: DataAnswers, directories: readonly string[]): string[] =>
  directories.flatMap(place => told.copies.get(place) ?? []);

function replicationOf(
  told: DataAnswers,
  engine: Engine,
  directories: readonly string[],
): string | undefined {
  const at = copiesAt(told, directories);
  const by = (kind: string): readonly string[] => (engine.kind === kind ? (told.copies.get(kind) ?? []) : []);
  const slots = at.flatMap(text => (text.startsWith('slot ') ? [text.slice('slot '.length)] : []));
  const said = [
    ...at.flatMap(text => {
      const [, role, from = '-'] = /^(standby|replica) (\S+)$/.exec(text) ?? [];
      if (role !== undefined)
        return [from === '-' ? `${role} of a server that it does not name` : `${role} of ${from}`];
      if (text === 'galera') return ['member of a Galera cluster'];
      return text === 'relay-log' ? ['has relay logs: it is a replica, or was one'] : [];
    }),
    ...(slots.length > 0 ? [`others read from it: slots ${slots.join(', ')}`] : []),
    ...(engine.kind === 'mysql'
      ? (told.copies.get('galera') ?? []).map(hosts => `Galera with ${hosts}`)
      : []),
    ...by('mongodb').map(name => `member of replica set ${name}`),
    ...by('redis').map(host => `replica of ${host}`),
    ...by('ldap').map(host => `copies from ${host}`),
    ...by('elasticsearch').map(hosts => `cluster with ${hosts}`),
  ];
  return said.length === 0 ? undefined : [...new Set(said)].join('; ').slice(0, 300);
}

/** Data that a program keeps in files of a library: no service of its own, and as easily torn. */
function embedded(hot: readonly { path: string; engine: string; process: string }[]): DataServiceFacts[] {
  const found = new Map<string, { engine: string; process: string; places: Set<string> }>();
  for (const { path, engine, process } of hot) {
    const key = `${engine}\n${process}`;
    const entry = found.get(key) ?? { engine, process, places: new Set<string>() };
    entry.places.add(parentOf(path));
    found.set(key, entry);
  }
  return [...found.values()].map(({ engine, process, places }) => ({
    ...{ engine, process, ports: [] },
    directories: [...places].sort().slice(0, KEPT_PLACES),
  }));
}

/**
 * Data at a usual place that no process serves: a second cluster that is down, or a service that somebody may start one
 * day. Where one of the same kind runs and does not say from where, nobody can tell.
 */
function cold(
  told: DataAnswers,
  served: readonly { readonly engine: Engine; readonly facts: DataServiceFacts }[],
  installed: readonly Installed[],
): DataServiceFacts[] {
  const kindOf = ({ kind, name }: Engine): string => kind ?? name;
  const unclear = new Set(
    served.filter(({ facts }) => facts.directories.length === 0).map(({ engine }) => kindOf(engine)),
  );
  const seen = new Set(served.flatMap(({ facts }) => facts.directories));
  return ENGINES.flatMap(engine => {
    if (unclear.has(kindOf(engine))) return [];
    const places = told.known.filter(place => engine.usual?.test(place) === true && !seen.has(place));
    if (places.length === 0) return [];
    for (const place of places) seen.add(place);
    return [factsOf(told, engine, installed, places.slice(0, KEPT_PLACES), 'not running', [])];
  });
}

const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 1));
