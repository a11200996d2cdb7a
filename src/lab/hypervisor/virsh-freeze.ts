import type { Sources } from '../hosts/sources.ts';
import { parseOptions } from '../tools/options.ts';
import type { MachineFacts } from '../world/layout.ts';
import { type Answer, answer, type World } from '../world/world.ts';
import { sourceOf } from './virsh-checkpoints.ts';
import { noDomain, unsupported, type Verb, virshError } from './virsh-verbs.ts';

/** File systems of a source that stand still: the guest agent freezes and thaws them. */

export interface FreezeParts {
  readonly world: World;
  readonly sources: Pick<Sources, 'isRunning'>;
  /** Machines whose guests take a freeze and never answer. */
  readonly stuck: ReadonlyMap<string, AbortController>;
}

/** How long libvirt would wait for an agent; whoever asked gives up long before. */
const STUCK_MS = 120_000;
const UNRESPONSIVE = 'Guest agent is not responding: Guest agent not available for now';

export function freezeVerbs({ world, sources, stuck }: FreezeParts): Readonly<Record<string, Verb>> {
  /** Finds the guest, or says why its agent cannot be asked. */
  const onGuest =
    (verb: string, failed: string, run: (machine: MachineFacts) => Answer | Promise<Answer>): Verb =>
    ({ host, args }) => {
      const parsed = parseOptions(args, [], []);
      if (!parsed.ok) return unsupported(verb, parsed.unknown);
      const [name = '', ...more] = parsed.operands;
      if (more.length > 0) return virshError('the lab freezes all file systems of a guest or none');
      const machine = sourceOf(world, host, name);
      if (machine === undefined) return noDomain(name);
      if (!sources.isRunning(machine.name))
        return virshError(failed, 'Requested operation is not valid: domain is not running');
      const agent = world.hosts.get(machine.name)?.system.services.includes('qemu-guest-agent');
      if (agent !== true)
        return virshError(failed, 'Guest agent is not responding: QEMU guest agent is not connected');
      return run(machine);
    };

  return {
    domfsfreeze: onGuest('domfsfreeze', 'Unable to freeze filesystems', async ({ name, mounts }) => {
      if (world.frozen.has(name)) {
        return virshError(
          'Unable to freeze filesystems',
          "internal error: unable to execute QEMU agent command 'guest-fsfreeze-freeze': The command guest-fsfreeze-freeze has been disabled for this instance",
        );
      }
      world.frozen.add(name);
      const hung = stuck.get(name);
      if (hung === undefined) return answer(`Froze ${mounts.length} filesystem(s)\n`);
      await world.clock.sleep(STUCK_MS, hung.signal).catch(() => undefined);
      return virshError('Unable to freeze filesystems', UNRESPONSIVE);
    }),
    domfsthaw: onGuest('domfsthaw', 'Unable to thaw filesystems', ({ name, mounts }) => {
      const thawed = world.frozen.delete(name) ? mounts.length : 0;
      return answer(`Thawed ${thawed} filesystem(s)\n`);
    }),
    domfsinfo: onGuest('domfsinfo', 'Unable to get filesystem information', ({ mounts }) => {
      const rows = mounts.map(({ path, device, fs }) => {
        const name = device.replace(/^\/dev\/(mapper\/)?/, '');
        return [path, name, fs.type, /^vd[a-z]/.exec(name)?.[0] ?? 'vda'];
      });
      const heading = ['Mountpoint', 'Name', 'Type', 'Target'];
      const widths = heading.map((word, at) =>
        Math.max(word.length, ...rows.map(row => row[at]?.length ?? 0)),
      );
      const line = (row: readonly string[]): string =>
        `${row.map((cell, at) => ` ${at < row.length - 1 ? cell.padEnd((widths[at] ?? 0) + 2) : cell}`).join('')}\n`;
      const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 3, 0));
      return answer(`${line(heading)}${rule}\n${rows.map(line).join('')}`);
    }),
  };
}
