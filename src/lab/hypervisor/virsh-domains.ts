import type { Copies } from '../boot/copies.ts';
import type { Receivers } from '../hosts/receivers.ts';
import { parseOptions } from '../tools/options.ts';
import { seededMac, seededUuid } from '../world/random.ts';
import { volumeOfFile } from '../world/volumes.ts';
import { type Answer, answer, type Domain, type SimHost, type World } from '../world/world.ts';
import { completed, type ParsedDomain, parseDomain } from './domain-xml.ts';
import { missingFile } from './domains.ts';
import { hypervisorFile, noFile } from './virsh-devices.ts';
import { noDomain, unsupported, type Verb, virshError } from './virsh-verbs.ts';

/** The verbs that make, start and end domains of the target. */

interface Described {
  readonly parsed: ParsedDomain;
  readonly xml: string;
  readonly uuid: string;
  readonly old: Domain | undefined;
}

export function domainWrites(
  world: World,
  receivers: Receivers,
  copies: Copies,
): Readonly<Record<string, Verb>> {
  const { state } = world;

  /** The domain that a file describes; `failed` is the first line of a refusal. */
  const describe = (host: SimHost, file: string, failed: string): Described | Answer => {
    const xml = hypervisorFile(world, host, file);
    if (xml === undefined) return noFile(file);
    const reading = parseDomain(xml);
    if (!reading.ok) return virshError(failed, reading.why);
    const parsed = reading.value;
    const old = state.domains.find(found => found.hypervisor === host.id && found.name === parsed.name);
    const uuid = parsed.uuid ?? old?.uuid ?? seededUuid(world.seed, `domain/${host.id}/${parsed.name}`);
    if (old !== undefined && old.uuid !== uuid) {
      return virshError(
        failed,
        `operation failed: domain '${parsed.name}' already exists with uuid ${old.uuid}`,
      );
    }
    const twin = state.domains.find(
      found => found.hypervisor === host.id && found.uuid === uuid && found !== old,
    );
    if (twin !== undefined) {
      return virshError(
        failed,
        `operation failed: domain '${twin.name}' is already defined with uuid ${uuid}`,
      );
    }
    const mac = seededMac(world.seed, `domain/${host.id}/${parsed.name}`);
    return { parsed, xml: completed(xml, uuid, mac), uuid, old };
  };

  const define: Verb = ({ host, args }) => {
    const parsed = parseOptions(args, ['--validate'], []);
    if (!parsed.ok) return unsupported('define', parsed.unknown);
    const [file = '', ...more] = parsed.operands;
    if (more.length > 0) return virshError(`unexpected data '${more[0]}'`);
    const described = describe(host, file, `Failed to define domain from ${file}`);
    if ('code' in described) return described;
    const { parsed: domain, xml, uuid, old } = described;
    const machine = domain.receiver?.machine ?? null;
    rememberReplicas(world, host, domain.disks, machine);
    const defined: Domain = {
      ...(old ?? { running: false, autostart: false }),
      ...{ hypervisor: host.id, name: domain.name, uuid, xml, machine, transient: false },
    };
    state.domains = [...state.domains.filter(found => found !== old), defined];
    world.changed();
    return answer(`Domain '${domain.name}' defined from ${file}\n`);
  };

  const create: Verb = async ({ host, args }) => {
    const parsed = parseOptions(args, ['--validate'], []);
    if (!parsed.ok) return unsupported('create', parsed.unknown);
    const [file = '', ...more] = parsed.operands;
    if (more.length > 0) return virshError(`unexpected data '${more[0]}'`);
    const failed = `Failed to create domain from ${file}`;
    const described = describe(host, file, failed);
    if ('code' in described) return described;
    const { parsed: domain, xml, uuid, old } = described;
    if (old?.running) {
      return virshError(
        failed,
        `operation failed: domain '${domain.name}' is already active as '${domain.name}'`,
      );
    }
    const made: Domain = {
      ...{
        hypervisor: host.id,
        name: domain.name,
        uuid,
        xml,
        machine: null,
        running: false,
        transient: true,
      },
    };
    const refused = await copies.start(made, domain);
    if (refused !== undefined) return virshError(failed, refused);
    world.changed();
    return answer(`Domain '${domain.name}' created from ${file}\n`);
  };

  const onDomain =
    (
      name: string,
      flags: readonly string[],
      run: (domain: Domain, given: ReadonlySet<string>) => Answer | Promise<Answer>,
    ): Verb =>
    ({ host, args }) => {
      const parsed = parseOptions(args, flags, []);
      if (!parsed.ok) return unsupported(name, parsed.unknown);
      const [wanted = '', ...more] = parsed.operands;
      if (more.length > 0) return virshError(`unexpected data '${more[0]}'`);
      const domain = state.domains.find(
        found => found.hypervisor === host.id && (found.name === wanted || found.uuid === wanted),
      );
      return domain === undefined ? noDomain(wanted) : run(domain, parsed.flags);
    };

  /** A receiver is one by its mark; anything else that is defined is a standby. */
  const begin = async (domain: Domain): Promise<string | undefined> => {
    if (domain.machine !== null) return receivers.start(domain);
    const reading = parseDomain(domain.xml);
    return reading.ok ? copies.start(domain, reading.value) : reading.why;
  };

  return {
    define,
    create,
    start: onDomain('start', [], async domain => {
      if (domain.running) return virshError('Domain is already active');
      const refused = missingMedium(world, domain) ?? (await begin(domain));
      if (refused === undefined) world.changed();
      return refused === undefined
        ? answer(`Domain '${domain.name}' started\n`)
        : virshError(`Failed to start domain '${domain.name}'`, refused);
    }),
    destroy: onDomain('destroy', [], async domain => {
      if (!domain.running) {
        return virshError(
          `Failed to destroy domain '${domain.name}'`,
          'Requested operation is not valid: domain is not running',
        );
      }
      await (domain.machine === null ? copies : receivers).stop(domain);
      return answer(`Domain '${domain.name}' destroyed\n`);
    }),
    shutdown: onDomain('shutdown', [], domain => {
      if (!domain.running) {
        return virshError(
          `Failed to shutdown domain '${domain.name}'`,
          'Requested operation is not valid: domain is not running',
        );
      }
      (domain.machine === null ? copies : receivers).shutdown(domain);
      return answer(`Domain '${domain.name}' is being shutdown\n`);
    }),
    undefine: onDomain('undefine', ['--nvram', '--keep-nvram'], domain => {
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
    autostart: onDomain('autostart', ['--disable'], (domain, given) => {
      domain.autostart = !given.has('--disable');
      world.changed();
      return answer(`Domain '${domain.name}' ${domain.autostart ? '' : 'un'}marked as autostarted\n`);
    }),
  };
}

/** A drive whose file is gone keeps a domain from starting. */
function missingMedium(world: World, domain: Domain): string | undefined {
  const reading = parseDomain(domain.xml);
  if (!reading.ok) return reading.why;
  const file = reading.value.media.find(
    medium => volumeOfFile(world, domain.hypervisor, medium) === undefined,
  );
  return file === undefined ? undefined : missingFile(file);
}

/** A volume whose serial says `lf-vda` stands for the source's vda: that is how the lab can compare them later. */
function rememberReplicas(
  world: World,
  host: SimHost,
  disks: ParsedDomain['disks'],
  machine: string | null,
): void {
  for (const { file, serial } of disks) {
    const volume = volumeOfFile(world, host.id, file);
    const disk = /^lf-(vd[a-z])$/.exec(serial ?? '')?.[1];
    if (volume !== undefined && machine !== null && disk !== undefined) volume.replicaOf = { machine, disk };
  }
}
