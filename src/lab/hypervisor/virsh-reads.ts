import { parseOptions } from '../tools/options.ts';
import { POOL, POOL_PATH } from '../world/layout.ts';
import { seededUuid } from '../world/random.ts';
import { answer, type SimHost, type World } from '../world/world.ts';
import {
  allocated,
  type DomainView,
  disksOf,
  domainsOf,
  parsedDomain,
  type VolumeView,
  volumesOf,
} from './domains.ts';
import type { AgentGuest } from './guest-agent.ts';
import { hostReads } from './virsh-host.ts';
import { addressReads, networkReads } from './virsh-networks.ts';
import {
  noDomain,
  noPool,
  noVolume,
  unsupported,
  type Verb,
  type VirshCall,
  virshError,
} from './virsh-verbs.ts';

/** The verbs that only look. */

const TiB = 1024 ** 4;

/** The table of libvirt's vshTable: a space before each cell, two more after all but the last. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map(row => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `${row.map((cell, at) => ` ${at < row.length - 1 ? cell.padEnd((widths[at] ?? 0) + 2) : cell}`).join('')}\n`;
  const [heading = [], ...body] = rows;
  return (
    line(heading) +
    `${'-'.repeat(widths.reduce((sum, width) => sum + width + 3, 0))}\n` +
    body.map(line).join('')
  );
}

/** A verb whose words are flags and operands of a known number. */
function verb(
  name: string,
  flags: readonly string[],
  required: readonly string[],
  operands: number,
  run: (call: VirshCall, operands: readonly string[]) => ReturnType<Verb>,
): Verb {
  return call => {
    const parsed = parseOptions(call.args, [...flags, ...required], ['--pool']);
    if (!parsed.ok) return unsupported(name, parsed.unknown);
    const missing = required.find(flag => !parsed.flags.has(flag));
    if (missing !== undefined) return virshError(`the lab knows '${name}' with ${required.join(' ')} only`);
    const words = [
      ...parsed.operands,
      ...(parsed.values.has('--pool') ? [parsed.values.get('--pool') ?? ''] : []),
    ];
    if (words.length > operands) return virshError(`unexpected data '${words[operands]}'`);
    if (words.length < operands) return virshError(`command '${name}' requires more options`);
    return run(call, words);
  };
}

export function poolXml(world: World, host: SimHost): string {
  const allocation = volumesOf(world, host).reduce((sum, { disk }) => sum + allocated(disk), 0);
  const available = world.fullPools.has(host.id) ? 0 : TiB - allocation;
  return `<pool type='dir'>
  <name>${POOL}</name>
  <uuid>${seededUuid(world.seed, `pool/${host.id}`)}</uuid>
  <capacity unit='bytes'>${TiB}</capacity>
  <allocation unit='bytes'>${TiB - available}</allocation>
  <available unit='bytes'>${available}</available>
  <source>
  </source>
  <target>
    <path>${POOL_PATH}</path>
    <permissions>
      <mode>0711</mode>
      <owner>0</owner>
      <group>0</group>
    </permissions>
  </target>
</pool>
`;
}

function volumeXml(volume: VolumeView): string {
  const backing =
    volume.backing === null
      ? ''
      : `  <backingStore>
    <path>${POOL_PATH}/${volume.backing}</path>
    <format type='qcow2'/>
  </backingStore>
`;
  return `<volume type='file'>
  <name>${volume.name}</name>
  <key>${POOL_PATH}/${volume.name}</key>
  <capacity unit='bytes'>${volume.disk.bytes}</capacity>
  <allocation unit='bytes'>${allocated(volume.disk)}</allocation>
  <physical unit='bytes'>${allocated(volume.disk)}</physical>
  <target>
    <path>${POOL_PATH}/${volume.name}</path>
    <format type='${volume.format}'/>
    <permissions>
      <mode>0600</mode>
      <owner>0</owner>
      <group>0</group>
    </permissions>
${volume.format === 'raw' ? '' : `    <compat>${volume.compat}</compat>\n    <clusterSize unit='B'>65536</clusterSize>\n    <features/>\n`}  </target>
${backing}</volume>
`;
}

/** As libvirt 9.0 prints it. */
function domainInfo({ name, uuid, running, autostart, transient }: DomainView): string {
  const rows = [
    ['Id', running ? '1' : '-'],
    ['Name', name],
    ['UUID', uuid],
    ['OS Type', 'hvm'],
    ['State', running ? 'running' : 'shut off'],
    ['CPU(s)', '2'],
    ['Max memory', '4194304 KiB'],
    ['Used memory', '4194304 KiB'],
    ['Persistent', transient ? 'no' : 'yes'],
    ['Autostart', autostart ? 'enable' : 'disable'],
    ['Managed save', 'no'],
    ['Security model', 'none'],
    ['Security DOI', '0'],
  ];
  return rows.map(([key, value]) => `${`${key}:`.padEnd(16)}${value}\n`).join('');
}

export function virshReads(
  world: World,
  agentOf: (domain: string) => AgentGuest | undefined,
): Readonly<Record<string, Verb>> {
  const withDomain =
    (run: (domain: DomainView) => ReturnType<Verb>) =>
    ({ host }: VirshCall, [name = '']: readonly string[]) => {
      const domain = domainsOf(world, host).find(found => found.name === name || found.uuid === name);
      return domain === undefined ? noDomain(name) : run(domain);
    };
  const withPool =
    (run: (call: VirshCall, words: readonly string[]) => ReturnType<Verb>) =>
    (call: VirshCall, words: readonly string[]) => {
      const pool = words.at(-1) ?? '';
      return pool === POOL ? run(call, words) : noPool(pool);
    };

  return {
    ...hostReads,
    ...addressReads(world, agentOf),
    ...networkReads(world),
    'pool-dumpxml': verb(
      'pool-dumpxml',
      [],
      [],
      1,
      withPool(({ host }) => answer(poolXml(world, host))),
    ),
    'vol-list': verb(
      'vol-list',
      [],
      [],
      1,
      withPool(({ host }) =>
        answer(
          table([
            ['Name', 'Path'],
            ...volumesOf(world, host).map(({ name }) => [name, `${POOL_PATH}/${name}`]),
          ]),
        ),
      ),
    ),
    'vol-dumpxml': verb(
      'vol-dumpxml',
      [],
      [],
      2,
      withPool(({ host }, [name = '']) => {
        const volume = volumesOf(world, host).find(found => found.name === name);
        return volume === undefined ? noVolume(name) : answer(volumeXml(volume));
      }),
    ),
    domstate: verb(
      'domstate',
      [],
      [],
      1,
      withDomain(({ running }) => answer(running ? 'running\n' : 'shut off\n')),
    ),
    dominfo: verb(
      'dominfo',
      [],
      [],
      1,
      withDomain(domain => answer(domainInfo(domain))),
    ),
    dumpxml({ host, args }) {
      const parsed = parseOptions(args, ['--inactive'], []);
      if (!parsed.ok) return unsupported('dumpxml', parsed.unknown);
      return withDomain(domain => {
        const xml = parsed.flags.has('--inactive') ? domain.inactiveXml : domain.xml;
        return answer(xml.endsWith('\n') ? xml : `${xml}\n`);
      })({ host, args }, parsed.operands);
    },
    'domif-getlink'({ host, args }) {
      const [name = '', mac = ''] = args;
      const nic = parsedDomain(world, host, name)?.interfaces.find(found => found.mac === mac.toLowerCase());
      return nic === undefined
        ? virshError(`Interface (dev: ${mac}) not found.`)
        : answer(`${mac} ${nic.up ? 'up' : 'down'}\n`);
    },
    domblkinfo: verb('domblkinfo', [], ['--all'], 1, ({ host }, [name = '']) => {
      const domain = domainsOf(world, host).find(found => found.name === name || found.uuid === name);
      const disks = disksOf(world, host, domain?.name ?? name);
      if (disks === undefined) return noDomain(name);
      const rows = disks.map(({ target, disk }) => {
        const bytes = allocated(disk);
        return [target, String(disk.bytes), String(bytes), String(bytes)];
      });
      return answer(table([['Target', 'Capacity', 'Allocation', 'Physical'], ...rows]));
    }),
  };
}
