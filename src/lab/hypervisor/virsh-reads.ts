import { diskUsage } from '../tools/disk-usage.ts';
import { parseOptions } from '../tools/options.ts';
import { POOL, POOL_PATH } from '../world/layout.ts';
import { seededUuid } from '../world/random.ts';
import { answer, type Disk, type SimHost, type Volume, type World } from '../world/world.ts';
import { parseDomain, sourceDomainXml, sourceVolume } from './domain-xml.ts';
import { addressReads, networkXml } from './virsh-networks.ts';
import {
  noDomain,
  noNetwork,
  noPool,
  noVolume,
  unsupported,
  type Verb,
  type VirshCall,
  virshError,
} from './virsh-verbs.ts';

const TiB = 1024 ** 4;
/** What a qcow2 needs for itself. */
const QCOW2_OVERHEAD = 200_704;

export interface DomainView {
  readonly name: string;
  readonly uuid: string;
  readonly running: boolean;
  readonly xml: string;
  readonly machine: string | null;
}

export interface VolumeView {
  readonly name: string;
  readonly format: string;
  readonly backing: string | null;
  readonly disk: Disk;
}

/** Domains of a hypervisor: the sources by layout, those at the target by state. */
export function domainsOf(world: World, host: SimHost): DomainView[] {
  const here = world.machines.filter(machine => machine.hypervisor === host.id);
  const sources = here.map((machine, at) => ({
    name: machine.name,
    uuid: machine.uuid,
    running: true,
    xml: sourceDomainXml(machine, host.hypervisor?.network ?? 'default', at + 1),
    machine: null,
  }));
  return [...sources, ...world.state.domains.filter(domain => domain.hypervisor === host.id)];
}

export function volumesOf(world: World, host: SimHost): VolumeView[] {
  const sources = world.machines
    .filter(machine => machine.hypervisor === host.id)
    .flatMap(machine =>
      machine.disks.map(({ target, disk }) => ({
        name: sourceVolume(machine.name, target),
        format: 'qcow2',
        backing: null,
        disk,
      })),
    );
  const made = world.state.volumes.filter((volume: Volume) => volume.hypervisor === host.id);
  return [...sources, ...made];
}

export function allocated(disk: Disk): number {
  const directories = [disk.fs, ...disk.partitions.map(({ fs }) => fs)].flatMap(fs => fs?.directory ?? []);
  return directories.reduce((sum, directory) => sum + diskUsage(directory).bytes, QCOW2_OVERHEAD);
}

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

const lines = (names: readonly string[]): string => names.map(name => `${name}\n`).join('');

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
  return `<pool type='dir'>
  <name>${POOL}</name>
  <uuid>${seededUuid(world.seed, `pool/${host.id}`)}</uuid>
  <capacity unit='bytes'>${TiB}</capacity>
  <allocation unit='bytes'>${allocation}</allocation>
  <available unit='bytes'>${TiB - allocation}</available>
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
    <compat>1.1</compat>
    <clusterSize unit='B'>65536</clusterSize>
    <features/>
  </target>
${backing}</volume>
`;
}

const VERSION = `Compiled against library: libvirt 9.0.0
Using library: libvirt 9.0.0
Using API: QEMU 9.0.0
Running hypervisor: QEMU 7.2.15
`;

const NODEINFO = `CPU model:           x86_64
CPU(s):              16
CPU frequency:       2900 MHz
CPU socket(s):       1
Core(s) per socket:  8
Thread(s) per core:  2
NUMA cell(s):        1
Memory size:         131891452 KiB
`;

/** Disks of a domain: of a source by layout, of one at the target by the volumes that its definition names. */
function disksOf(
  world: World,
  host: SimHost,
  name: string,
): readonly { readonly target: string; readonly disk: Disk }[] | undefined {
  const machine = world.machines.find(found => found.name === name && found.hypervisor === host.id);
  if (machine !== undefined) return machine.disks;
  const domain = domainsOf(world, host).find(found => found.name === name);
  const parsed = domain === undefined ? undefined : parseDomain(domain.xml);
  if (parsed?.ok !== true) return undefined;
  const volumes = new Map(volumesOf(world, host).map(volume => [`${POOL_PATH}/${volume.name}`, volume.disk]));
  return parsed.domain.disks.flatMap(({ file, target }) => {
    const disk = volumes.get(file);
    return disk === undefined ? [] : [{ target, disk }];
  });
}

export function virshReads(world: World): Readonly<Record<string, Verb>> {
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
    ...addressReads(world),
    version: verb('version', [], [], 0, () => answer(VERSION)),
    nodeinfo: verb('nodeinfo', [], [], 0, () => answer(NODEINFO)),
    list: verb('list', [], ['--all', '--name'], 0, ({ host }) =>
      answer(lines(domainsOf(world, host).map(({ name }) => name))),
    ),
    'pool-list': verb('pool-list', [], ['--all', '--name'], 0, () => answer(lines([POOL]))),
    'net-list': verb('net-list', [], ['--all', '--name'], 0, ({ host }) =>
      answer(lines([host.hypervisor?.network ?? 'default'])),
    ),
    'net-dumpxml': verb('net-dumpxml', [], [], 1, ({ host }, [name = '']) =>
      name === (host.hypervisor?.network ?? 'default')
        ? answer(networkXml(world, host, name))
        : noNetwork(name),
    ),
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
    dumpxml: verb(
      'dumpxml',
      ['--inactive'],
      [],
      1,
      withDomain(({ xml }) => answer(xml.endsWith('\n') ? xml : `${xml}\n`)),
    ),
    domblkinfo: verb('domblkinfo', [], ['--all'], 1, ({ host }, [name = '']) => {
      const disks = disksOf(world, host, name);
      if (disks === undefined) return noDomain(name);
      const rows = disks.map(({ target, disk }) => {
        const bytes = allocated(disk);
        return [target, String(disk.bytes), String(bytes), String(bytes)];
      });
      return answer(table([['Target', 'Capacity', 'Allocation', 'Physical'], ...rows]));
    }),
  };
}
