import { readFileSync } from 'node:fs';
import { mapPath } from '../hosts/mounts.ts';
import type { Receivers } from '../hosts/receivers.ts';
import { parseOptions } from '../tools/options.ts';
import { volumeOfFile } from '../world/volumes.ts';
import { type Answer, answer, type Domain, type SimHost, type World } from '../world/world.ts';
import { type ParsedDisk, parseDisk, parseDomain, shownXml } from './domain-xml.ts';
import { missingFile, readerOf, userOf, volumeDisks } from './domains.ts';
import { noDomain, unsupported, type Verb, virshError } from './virsh-verbs.ts';

/** Disks that come and go while a domain runs, and the cable of its network card. */

/** Text of a file on the hypervisor; undefined where there is none. */
export function hypervisorFile(world: World, host: SimHost, file: string): string | undefined {
  try {
    return readFileSync(mapPath(world.directory, host.mounts, file), 'utf8');
  } catch {
    return undefined;
  }
}

export const noFile = (file: string): Answer =>
  virshError(`Failed to open file '${file}': No such file or directory`);

export interface CableListener {
  setLink(domain: Domain, mac: string, up: boolean): void;
}

export function deviceWrites(
  world: World,
  receivers: Receivers,
  copies: CableListener,
): Readonly<Record<string, Verb>> {
  /** Finds the running domain and the disk of the device file, or says what virsh would. */
  const liveDisk = (
    verb: string,
    run: (domain: Domain, disk: ParsedDisk, xml: string, file: string) => Answer | Promise<Answer>,
  ): Verb => {
    return ({ host, args }) => {
      const parsed = parseOptions(args, ['--live'], []);
      if (!parsed.ok) return unsupported(verb, parsed.unknown);
      const [name = '', file = '', ...more] = parsed.operands;
      if (more.length > 0) return virshError(`unexpected data '${more[0]}'`);
      if (!parsed.flags.has('--live')) return virshError(`the lab knows '${verb}' with --live only`);
      const domain = world.state.domains.find(found => found.hypervisor === host.id && found.name === name);
      if (domain === undefined) return noDomain(name);
      const xml = hypervisorFile(world, host, file);
      if (xml === undefined) return noFile(file);
      const failed = `Failed to ${verb.replace('-device', '')} device from ${file}`;
      if (!domain.running) {
        return virshError(failed, 'Requested operation is not valid: domain is not running');
      }
      const reading = parseDisk(xml);
      if (!reading.ok) return virshError(failed, reading.why);
      return run(domain, reading.value, xml, failed);
    };
  };

  return {
    'attach-device': liveDisk('attach-device', async (domain, disk, xml, failed) => {
      const volume = volumeOfFile(world, domain.hypervisor, disk.file);
      if (volume === undefined) return virshError(failed, missingFile(disk.file));
      const present = volumeDisks(world, domain);
      if (typeof present === 'string') return virshError(failed, present);
      if (present.some(({ target }) => target === disk.target)) {
        return virshError(failed, `operation failed: target ${disk.target} already exists`);
      }
      if (disk.bus === 'scsi' && !/<controller\b[^>]*type=['"]scsi['"]/.test(domain.xml)) {
        return virshError(failed, 'internal error: unable to find a SCSI controller for the disk');
      }
      if (userOf(world, volume) !== undefined || readerOf(world, volume) !== undefined) {
        return virshError(
          failed,
          `internal error: unable to execute QEMU command 'blockdev-add': Failed to get "write" lock`,
        );
      }
      if (domain.machine === null) {
        world.violation(
          domain.hypervisor,
          `virsh attach-device ${domain.name}`,
          'disks are plugged into receivers only',
        );
        return virshError(failed, 'unsupported configuration: the lab plugs disks into receivers only');
      }
      const source = /^lf-(vd[a-z])$/.exec(disk.serial ?? '')?.[1];
      if (volume.backing === null && source !== undefined) {
        // The serial says which disk of the source it stands for: that is how the lab can compare them later.
        volume.replicaOf = { machine: domain.machine, disk: source };
      }
      await receivers.plug(domain, disk, volume, xml);
      return answer('Device attached successfully\n');
    }),
    'detach-device': liveDisk('detach-device', async (domain, disk, _xml, failed) => {
      const plugged = (domain.plugged ?? []).find(({ xml }) => {
        const reading = parseDisk(xml);
        return reading.ok && reading.value.target === disk.target;
      });
      if (plugged === undefined) {
        return virshError(failed, `operation failed: disk ${disk.target} not found`);
      }
      await receivers.unplug(domain, plugged);
      return answer('Device detached successfully\n');
    }),
    'domif-setlink': ({ host, args }) => {
      const parsed = parseOptions(args, [], []);
      if (!parsed.ok) return unsupported('domif-setlink', parsed.unknown);
      const [name = '', wanted = '', state = '', ...more] = parsed.operands;
      if (more.length > 0) return virshError(`unexpected data '${more[0]}'`);
      if (state !== 'up' && state !== 'down') return virshError(`invalid link state '${state}'`);
      const domain = world.state.domains.find(found => found.hypervisor === host.id && found.name === name);
      if (domain === undefined) return noDomain(name);
      const reading = parseDomain(shownXml(domain, 1));
      const mac = wanted.toLowerCase();
      if (!reading.ok || !reading.value.interfaces.some(nic => nic.mac === mac)) {
        return virshError(`interface (${wanted === mac ? 'mac' : 'target'}: ${wanted}) not found`);
      }
      domain.links = { ...domain.links, [mac]: state === 'up' };
      copies.setLink(domain, mac, state === 'up');
      world.changed();
      return answer('Device updated successfully\n');
    },
  };
}
