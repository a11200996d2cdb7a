import { z } from 'zod';
import type { ContainerFacts } from '../../../journal/facts-survey.ts';
import type { Answers } from '../learn.ts';
import { bounded, byText, isRoot, rows, shown } from './rows.ts';

const KEPT = 300;
const KEPT_PLACES = 50;

/** Machines within the machine. What could not be asked without starting or opening something is told as a gap. */
export function readContainers(answers: Answers): ContainerFacts[] | undefined {
  const state = answers.learn('containers', 'containers:state', text => new Set(text.split('\n')));
  if (state === undefined) return undefined;
  tellClosed(answers, state);
  const all = [
    ...asked(answers, 'docker', state),
    ...asked(answers, 'podman', state),
    ...learned(answers, 'containers of podman, of users', 'containers:podman-files', podmanFiles),
    ...learned(answers, 'containers of LXC and Incus', 'containers:lxc', lxc),
    ...learned(answers, 'pods', 'containers:kubernetes', text => pods(text, state.has('kubernetes runs'))),
    ...learned(answers, 'containers of containerd', 'containers:containerd', containerd),
    ...learned(answers, 'snaps', 'containers:snap', snaps),
  ];
  const sorted = all.sort(byText(({ engine, name, image }) => [engine, name, image].join('\n')));
  return bounded(answers, 'containers', sorted, KEPT);
}

function learned(
  answers: Answers,
  what: string,
  section: string,
  parse: (text: string) => ContainerFacts[] | undefined,
): ContainerFacts[] {
  return answers.learn(what, section, parse) ?? [];
}

function tellClosed(answers: Answers, state: ReadonlySet<string>): void {
  if (!isRoot(answers))
    answers.gap('containers that users run for themselves', 'needs-root', undefined, 'list them as root');
  for (const engine of ['docker', 'podman', 'lxc', 'lxd', 'incus', 'machines'])
    if (state.has(`${engine} needs-root`))
      answers.gap(`containers of ${engine}`, 'needs-root', undefined, `list them as root`);
  if (state.has('docker no-tool'))
    answers.gap(
      'containers of docker',
      'no-tool',
      undefined,
      'docker runs, its command or its socket is not there',
    );
  if (state.has('docker stopped'))
    answers.gap(
      'containers of docker',
      'refused',
      undefined,
      'docker has containers but does not run, and a question must not start it: docker ps -a once it runs',
    );
}

function asked(answers: Answers, engine: 'docker' | 'podman', state: ReadonlySet<string>): ContainerFacts[] {
  if (!state.has(`${engine} asked`)) return [];
  return (
    answers.learn(`containers of ${engine}`, `containers:${engine}`, text => inspected(engine, text)) ?? []
  );
}

const bindings = z.record(
  z.string(),
  z.array(z.looseObject({ HostIp: z.string().optional(), HostPort: z.string().optional() })).nullable(),
);
const mount = z.looseObject({
  Type: z.string().optional(),
  Name: z.string().optional(),
  Source: z.string().optional(),
  Destination: z.string().optional(),
});
/** What was asked of each container, in this order: name, image, state, restart policy, ports, mounts. */
const inspection = z.tuple([
  ...[z.string(), z.string(), z.string(), z.string().nullable()],
  ...[bindings.nullable(), z.array(mount).nullable()],
] as const);

function inspected(engine: 'docker' | 'podman', text: string): ContainerFacts[] | undefined {
  const found: ContainerFacts[] = [];
  for (const line of text.split('\n').filter(each => each.trim() !== '')) {
    const [name, image, state, restart, ports, mounts] = inspection.parse(JSON.parse(line));
    found.push({
      ...{ engine, name: shown(name.replace(/^\//, '')), image: shown(image, 300), state: shown(state, 40) },
      ports: portsOf(ports ?? {}),
      volumes: volumesOf(mounts ?? []),
      ...(restart === null || restart === '' || restart === 'no' ? {} : { restart: shown(restart, 40) }),
    });
  }
  return found;
}

/** `8080->80/tcp`, with the address in front where it is not every one. */
function portsOf(ports: z.infer<typeof bindings>): string[] {
  const told = Object.entries(ports).flatMap(([inside, outside]) =>
    (outside ?? []).map(({ HostIp = '', HostPort = '' }) => {
      const address = HostIp === '' || HostIp === '0.0.0.0' || HostIp === '::' ? '' : `${HostIp}:`;
      return shown(`${address}${HostPort}->${inside}`, 100);
    }),
  );
  return [...new Set(told)].sort().slice(0, KEPT_PLACES);
}

/** What lies outside the image and has to travel: directories of the machine, and volumes by name. */
function volumesOf(mounts: readonly z.infer<typeof mount>[]): string[] {
  return mounts
    .filter(({ Type }) => Type !== 'tmpfs')
    .map(({ Name, Source = '', Destination = '' }) =>
      shown(`${Source === '' ? (Name ?? '') : Source}:${Destination}`, 500),
    )
    .sort()
    .slice(0, KEPT_PLACES);
}

const podmanStore = z.array(
  z.looseObject({
    names: z.array(z.string()).nullish(),
    image: z.string().nullish(),
    metadata: z.string().nullish(),
  }),
);
const podmanMetadata = z.looseObject({ 'image-name': z.string().optional() });

/** `@@ PLACE`, then the list of containers that podman keeps there: what exists, not whether it runs. */
function podmanFiles(text: string): ContainerFacts[] | undefined {
  return text
    .split(/^@@ /m)
    .slice(1)
    .flatMap(piece => {
      const end = piece.indexOf('\n');
      const body = piece.slice(end + 1).trim();
      if (end < 0 || body === '') return [];
      return podmanStore.parse(JSON.parse(body)).flatMap(({ names, image, metadata }) => {
        const [name] = names ?? [];
        if (name === undefined) return [];
        const told = podmanMetadata.safeParse(metadata ? JSON.parse(metadata) : {});
        const known = told.success ? told.data['image-name'] : undefined;
        return [
          {
            ...{ engine: 'podman' as const, name: shown(name), image: shown(known ?? image ?? '', 300) },
            ...{ state: 'not asked', ports: [], volumes: [shown(piece.slice(0, end), 300)] },
          },
        ];
      });
    });
}

/** `ENGINE<tab>NAME[<tab>STATE]`, and `up<tab>NAME` of those whose monitor runs. */
function lxc(text: string): ContainerFacts[] {
  const lines = rows(text);
  const up = new Set(lines.filter(([kind]) => kind === 'up').map(([, name]) => name));
  return lines.flatMap(([kind, name = '', state]) => {
    if (name === '' || (kind !== 'lxc' && kind !== 'incus' && kind !== 'systemd-nspawn')) return [];
    const runs = state ?? (up.has(name) ? 'running' : 'stopped');
    return [
      {
        ...{ engine: kind, name: shown(name), image: '', state: shown(runs, 40), ports: [] },
        volumes: kind === 'lxc' ? [shown(`/var/lib/lxc/${name}`)] : [],
      },
    ];
  });
}

/** `NAMESPACE_POD_UID<tab>CONTAINER`, as the node keeps their logs. */
function pods(text: string, runs: boolean): ContainerFacts[] {
  return rows(text).flatMap(([pod = '', name]) => {
    const [, space, podName] = /^([^_]+)_([^_]+)_/.exec(pod) ?? [];
    if (name === undefined || space === undefined || podName === undefined) return [];
    const state = runs ? 'of this node' : 'the node does not run';
    return [
      {
        ...{ engine: 'kubernetes', name: shown(`${space}/${podName}/${name}`), image: '', state },
        ...{ ports: [], volumes: [] },
      },
    ];
  });
}

/** `NAMESPACE<tab>ID IMAGE RUNTIME`. */
function containerd(text: string): ContainerFacts[] {
  return rows(text).flatMap(([space = '', rest = '']) => {
    const [name, image] = rest.trim().split(/\s+/);
    if (name === undefined || name === '') return [];
    return [
      {
        ...{ engine: 'containerd', name: shown(`${space}/${name}`), image: shown(image ?? '', 300) },
        ...{ state: 'not asked', ports: [], volumes: [] },
      },
    ];
  });
}

/** Snaps that only carry others. */
const SNAP_BASES =
  /^(?:core\d*|bare|snapd|snapd-desktop-integration|gtk-common-themes|gnome-\S+|kf5-\S+|mesa-\S+)$/;

/** `NAME_REVISION.snap`; of several revisions the newest. */
function snaps(text: string): ContainerFacts[] {
  const newest = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, name, revision] = /^([a-z0-9-]+)_x?(\d+)\.snap$/.exec(line) ?? [];
    if (name === undefined || SNAP_BASES.test(name)) continue;
    newest.set(name, Math.max(newest.get(name) ?? 0, Number(revision)));
  }
  return [...newest].map(([name, revision]) => ({
    ...{ engine: 'snap', name, image: `revision ${revision}`, state: 'installed', ports: [] },
    volumes: [`/var/snap/${name}`],
  }));
}
