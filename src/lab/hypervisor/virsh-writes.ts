import { readFileSync } from 'node:fs';
import path from 'node:path';
import { removeTreeSync } from '../../foundation/remove-tree.ts';
import { mapPath } from '../hosts/mounts.ts';
import type { Receivers } from '../hosts/receivers.ts';
import { parseOptions } from '../tools/options.ts';
import { fileSystemsOn } from '../world/block-devices.ts';
import { POOL, POOL_PATH } from '../world/layout.ts';
import { seededUuid } from '../world/random.ts';
import { volumeOfFile } from '../world/volumes.ts';
import { type Answer, answer, type Domain, type SimHost, type Volume, type World } from '../world/world.ts';
import { parseDomain, withUuid } from './domain-xml.ts';
import { noDomain, noPool, noVolume, unsupported, type Verb, virshError } from './virsh-verbs.ts';

/** The verbs that change something; only the target hypervisor gets here. */

const emptyDisk = (bytes: number): Volume['disk'] => ({ bytes, table: null, partitions: [], fs: null });

export function virshWrites(world: World, receivers: Receivers): Readonly<Record<string, Verb>> {
  const { state } = world;

  const createVolume: Verb = ({ host, args }) => {
    const parsed = parseOptions(args, [], ['--format', '--backing-vol', '--backing-vol-format']);
    if (!parsed.ok) return unsupported('vol-create-as', parsed.unknown);
    const [pool = '', name = '', bytes = '', ...more] = parsed.operands;
    if (more.length > 0) return virshError(`unexpected data '${more[0]}'`);
    if (pool !== POOL) return noPool(pool);
    const format = parsed.values.get('--format') ?? 'raw';
    if (format !== 'qcow2' && format !== 'raw') return virshError(`unknown volume format type ${format}`);
    const size = /^\d+$/.test(bytes) ? Number(bytes) : Number.NaN;
    if (!(size > 0)) return virshError(`Malformed size ${bytes}`);
    if (state.volumes.some(volume => volume.hypervisor === host.id && volume.name === name)) {
      return virshError(`Failed to create vol ${name}`, `storage volume '${name}' exists already`);
    }
    const backing = parsed.values.get('--backing-vol') ?? null;
    if (backing !== null && volumeOfFile(world, host.id, `${POOL_PATH}/${backing}`) === undefined)
      return noVolume(backing);
    const disk = emptyDisk(size);
    state.volumes.push({
      hypervisor: host.id,
      pool,
      name,
      format,
      backing,
      disk,
      replicaOf: null,
      quota: null,
    });
    world.changed();
    return answer(`Vol ${name} created\n`);
  };

  const deleteVolume: Verb = ({ host, args }) => {
    const parsed = parseOptions(args, [], ['--pool']);
    if (!parsed.ok) return unsupported('vol-delete', parsed.unknown);
    const [name = ''] = parsed.operands;
    const volume = volumeOfFile(world, host.id, `${POOL_PATH}/${path.basename(name)}`);
    if (volume === undefined) return noVolume(name);
    if (receivers.userOf(volume) !== undefined) {
      return virshError(
        `Failed to delete vol ${name}`,
        `cannot unlink file '${POOL_PATH}/${volume.name}': Device or resource busy`,
      );
    }
    for (const { fs } of fileSystemsOn(volume.disk)) {
      if (fs.directory !== null) removeTreeSync(fs.directory, world.directory);
    }
    state.volumes.splice(state.volumes.indexOf(volume), 1);
    receivers.forget(volume);
    world.changed();
    return answer(`Vol ${name} deleted\n`);
  };

  const define: Verb = ({ host, args }) => {
    const [file = '', ...more] = args;
    if (file === '' || file.startsWith('-') || more.length > 0) return unsupported('define', more[0] ?? file);
    let xml: string;
    try {
      xml = readFileSync(mapPath(world.directory, host.mounts, file), 'utf8');
    } catch {
      return virshError(`Failed to open file '${file}': No such file or directory`);
    }
    const reading = parseDomain(xml);
    if (!reading.ok) return virshError(`Failed to define domain from ${file}`, reading.why);
    const { domain } = reading;
    const old = state.domains.find(found => found.hypervisor === host.id && found.name === domain.name);
    const uuid = domain.uuid ?? old?.uuid ?? seededUuid(world.seed, `domain/${host.id}/${domain.name}`);
    if (old !== undefined && old.uuid !== uuid) {
      return virshError(
        `Failed to define domain from ${file}`,
        `operation failed: domain '${domain.name}' already exists with uuid ${old.uuid}`,
      );
    }
    rememberReplicas(world, host, domain.disks, domain.receiver?.machine ?? null);
    const defined: Domain = {
      hypervisor: host.id,
      name: domain.name,
      uuid,
      xml: withUuid(xml, uuid),
      running: old?.running ?? false,
      machine: domain.receiver?.machine ?? null,
    };
    state.domains = [...state.domains.filter(found => found !== old), defined];
    world.changed();
    return answer(`Domain '${domain.name}' defined from ${file}\n`);
  };

  const onDomain =
    (name: string, run: (domain: Domain) => Answer | Promise<Answer>): Verb =>
    ({ host, args }) => {
      const [wanted = '', ...more] = args;
      if (more.length > 0 || wanted.startsWith('-')) return unsupported(name, more[0] ?? wanted);
      const domain = state.domains.find(found => found.hypervisor === host.id && found.name === wanted);
      return domain === undefined ? noDomain(wanted) : run(domain);
    };

  return {
    'vol-create-as': createVolume,
    'vol-delete': deleteVolume,
    define,
    start: onDomain('start', domain => {
      if (domain.running) return virshError('Domain is already active');
      const refused = receivers.start(domain);
      return refused === undefined
        ? answer(`Domain '${domain.name}' started\n`)
        : virshError(`Failed to start domain '${domain.name}'`, refused);
    }),
    destroy: onDomain('destroy', async domain => {
      if (!domain.running) {
        return virshError(
          `Failed to destroy domain '${domain.name}'`,
          'Requested operation is not valid: domain is not running',
        );
      }
      await receivers.stop(domain);
      return answer(`Domain '${domain.name}' destroyed\n`);
    }),
    undefine: onDomain('undefine', domain => {
      if (domain.running) {
        return virshError(
          `Failed to undefine domain '${domain.name}'`,
          'the lab undefines domains that are shut off only',
        );
      }
      state.domains = state.domains.filter(found => found !== domain);
      world.changed();
      return answer(`Domain '${domain.name}' has been undefined\n`);
    }),
  };
}

/** A volume whose serial says `lf-vda` stands for the source's vda: that is how the lab can compare them later. */
function rememberReplicas(
  world: World,
  host: SimHost,
  disks: readonly { readonly file: string; readonly serial: string | null }[],
  machine: string | null,
): void {
  for (const { file, serial } of disks) {
    const volume = volumeOfFile(world, host.id, file);
    const disk = /^lf-(vd[a-z])$/.exec(serial ?? '')?.[1];
    if (volume !== undefined && machine !== null && disk !== undefined) volume.replicaOf = { machine, disk };
  }
}
