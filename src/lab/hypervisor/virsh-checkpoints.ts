import { readCheckpoint } from '../blocks/backup-xml.ts';
import type { Checkpoints } from '../blocks/checkpoints.ts';
import type { Sources } from '../hosts/sources.ts';
import { parseOptions } from '../tools/options.ts';
import type { MachineFacts } from '../world/layout.ts';
import { answer, type Checkpoint, type SimHost, type World } from '../world/world.ts';
import { domainsOf } from './domains.ts';
import { hypervisorFile, noFile } from './virsh-devices.ts';
import { noDomain, unsupported, type Verb, virshError } from './virsh-verbs.ts';

/** The verbs of checkpoints on the source hypervisors, in the words of libvirt 9.0. */

export interface CheckpointParts {
  readonly world: World;
  readonly checkpoints: Checkpoints;
  readonly sources: Pick<Sources, 'isRunning'>;
}

export const sourceOf = (world: World, host: SimHost, name: string): MachineFacts | undefined =>
  world.machines.find(found => found.hypervisor === host.id && (found.name === name || found.uuid === name));

export const noCheckpoint = (name: string) =>
  virshError(`Domain checkpoint not found: no domain checkpoint with matching name '${name}'`);

/** Bitmaps need a qcow2 of version 3; the first disk that is none, in the words of libvirt or QEMU. */
export function untrackable(machine: MachineFacts, disks: readonly string[]): string | undefined {
  for (const { target, storage } of machine.disks.filter(({ target }) => disks.includes(target))) {
    if (storage === 'raw')
      return `unsupported configuration: checkpoint for disk ${target} unsupported for storage type raw`;
    if (storage === 'qcow2-0.10')
      return "internal error: unable to execute QEMU command 'transaction': Cannot store dirty bitmaps in qcow2 v2 files";
  }
  return undefined;
}

/** The disks that a description means; a text where it names one that is not there. */
export function chosenDisks(
  machine: MachineFacts,
  named: readonly { readonly name: string; readonly isChosen: boolean }[] | undefined,
): readonly string[] | string {
  const all = machine.disks.map(({ target }) => target);
  const lost = named?.find(({ name }) => !all.includes(name));
  if (lost !== undefined) return `unsupported configuration: no disk named '${lost.name}'`;
  return named === undefined ? all : named.filter(({ isChosen }) => isChosen).map(({ name }) => name);
}

export function checkpointReads({
  world,
  checkpoints,
  sources,
}: CheckpointParts): Readonly<Record<string, Verb>> {
  return {
    'checkpoint-list'({ host, args }) {
      const parsed = parseOptions(args, ['--name', '--topological', '--parent'], []);
      if (!parsed.ok) return unsupported('checkpoint-list', parsed.unknown);
      const [name = ''] = parsed.operands;
      const machine = sourceOf(world, host, name);
      const isHere = domainsOf(world, host).some(found => found.name === name || found.uuid === name);
      if (machine === undefined && !isHere) return noDomain(name);
      const all = machine === undefined ? [] : checkpoints.of(machine.name);
      if (parsed.flags.has('--name')) return answer(all.map(found => `${found.name}\n`).join(''));
      return answer(listed(all, parsed.flags.has('--parent')));
    },
    'checkpoint-dumpxml'({ host, args }) {
      const parsed = parseOptions(args, ['--size', '--no-domain'], []);
      if (!parsed.ok) return unsupported('checkpoint-dumpxml', parsed.unknown);
      const [name = '', wanted = ''] = parsed.operands;
      const machine = sourceOf(world, host, name);
      if (machine === undefined) return noDomain(name);
      const found = checkpoints.find(machine.name, wanted);
      if (found === undefined) return noCheckpoint(wanted);
      const asksSize = parsed.flags.has('--size');
      if (asksSize && !sources.isRunning(machine.name))
        return virshError('Requested operation is not valid: domain is not running');
      if (!parsed.flags.has('--no-domain'))
        return virshError("the lab knows 'checkpoint-dumpxml' with --no-domain only");
      return answer(
        checkpointXml(found, asksSize ? disk => checkpoints.dirty(found, disk) : () => undefined),
      );
    },
  };
}

export function checkpointWrites({
  world,
  checkpoints,
  sources,
}: CheckpointParts): Readonly<Record<string, Verb>> {
  return {
    'checkpoint-create'({ host, args }) {
      const parsed = parseOptions(args, [], []);
      if (!parsed.ok) return unsupported('checkpoint-create', parsed.unknown);
      const [name = '', file = ''] = parsed.operands;
      const machine = sourceOf(world, host, name);
      if (machine === undefined) return noDomain(name);
      const xml = hypervisorFile(world, host, file);
      if (xml === undefined) return noFile(file);
      const wanted = readCheckpoint(xml);
      if (!wanted.ok) return virshError(wanted.why);
      if (!sources.isRunning(machine.name))
        return virshError('Operation not supported: cannot create checkpoint for inactive domain');
      const { name: called, disks: named } = wanted.value;
      if (checkpoints.find(machine.name, called) !== undefined)
        return virshError(`operation failed: domain moment ${called} already exists`);
      const disks = chosenDisks(
        machine,
        named?.map(one => ({ name: one.name, isChosen: one.isTracked })),
      );
      if (typeof disks === 'string') return virshError(disks);
      const impossible = untrackable(machine, disks);
      if (impossible !== undefined) return virshError(impossible);
      checkpoints.make(machine.name, called, checkpoints.instant(machine.name, disks));
      return answer(`Domain checkpoint ${called} created from '${file}'\n`);
    },
    'checkpoint-delete'({ host, args }) {
      const parsed = parseOptions(args, ['--metadata'], []);
      if (!parsed.ok) return unsupported('checkpoint-delete', parsed.unknown);
      const [name = '', wanted = ''] = parsed.operands;
      const machine = sourceOf(world, host, name);
      if (machine === undefined) return noDomain(name);
      const found = checkpoints.find(machine.name, wanted);
      if (found === undefined) return noCheckpoint(wanted);
      const failed = `Failed to delete checkpoint ${wanted}`;
      if (!parsed.flags.has('--metadata')) {
        if (!sources.isRunning(machine.name))
          return virshError(failed, 'Operation not supported: cannot delete checkpoint for inactive domain');
        const [first] = found.disks;
        if (found.broken === 'gone' && first !== undefined) {
          return virshError(
            failed,
            `internal error: bitmap '${wanted}' not found in backing chain of '${first.disk}'`,
          );
        }
      }
      if (!wanted.startsWith('landfall-'))
        world.violation(
          host.id,
          `virsh checkpoint-delete ${args.join(' ')}`,
          "this checkpoint is somebody else's",
        );
      checkpoints.remove(found);
      return answer(`Domain checkpoint ${wanted} deleted\n`);
    },
  };
}

function checkpointXml(
  { name, parent, created, disks }: Checkpoint,
  size: (disk: string) => number | undefined,
): string {
  const rows = disks.map(({ disk }) => {
    const bytes = size(disk);
    return `    <disk name='${disk}' checkpoint='bitmap' bitmap='${name}'${bytes === undefined ? '' : ` size='${bytes}'`}/>\n`;
  });
  const before = parent === null ? '' : `  <parent>\n    <name>${parent}</name>\n  </parent>\n`;
  return `<domaincheckpoint>
  <name>${name}</name>
${before}  <creationTime>${created}</creationTime>
  <disks>
${rows.join('')}  </disks>
</domaincheckpoint>
`;
}

function listed(all: readonly Checkpoint[], withParent: boolean): string {
  const when = (seconds: number): string =>
    `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} +0000`;
  const width = Math.max(4, ...all.map(({ name }) => name.length));
  const heading = ` ${'Name'.padEnd(width)}   Creation Time${withParent ? `${' '.repeat(15)}Parent` : ''}`;
  const rows = all.map(
    ({ name, created, parent }) =>
      ` ${name.padEnd(width)}   ${when(created)}${withParent ? `   ${parent ?? ''}` : ''}\n`,
  );
  return `${heading}\n${'-'.repeat(heading.length + 1)}\n${rows.join('')}`;
}
