import type { EventOf } from '../../../journal/events.ts';
import { get } from '../../../journal/maps.ts';
import type { View } from '../../../step/step.ts';

export type BlocksFacts = EventOf<'blocks.observed'>;

/** Push-mode backups with checkpoints are in libvirt from here on, and are called ready for production from the second on. */
const LIBVIRT_LEAST = [7, 2, 0] as const;
const LIBVIRT_READY = [7, 6, 0] as const;

export interface Eligibility {
  /** False as long as nothing is known, too. */
  readonly possible: boolean;
  /** Whether the source's hypervisor was looked at. */
  readonly known: boolean;
  /** Why it is impossible, one sentence each. */
  readonly refusals: readonly string[];
  /** What is possible and not as good as it could be. */
  readonly cautions: readonly string[];
}

/** Whether the blocks mover can move a machine, from what the journal knows. Pure. */
export function blockEligibility({ state }: Pick<View, 'state'>, machine: string): Eligibility {
  const blocks = get(state.machines, machine)?.blocks;
  if (blocks === undefined)
    return {
      possible: false,
      known: false,
      refusals: [`the hypervisor of ${machine} was not asked yet what it can do`],
      cautions: [],
    };
  const refusals = refusalsOf(blocks);
  return { possible: refusals.length === 0, known: true, refusals, cautions: cautionsOf(blocks) };
}

/**
 * Refusals that the next look may not find any more, or to which files are no answer: libvirt is restarted, the machine is
 * just off, its name belongs to another domain.
 */
const UNSETTLED = [
  / does not answer$/,
  /: only a running one can be tracked$/,
  /^libvirt does not tell of checkpoints/,
  / is another than the inventory saw: /,
  / cannot be read$/,
  /: qemu-img cannot read its image: .*(?:no such file|lock|input\/output|temporarily)/i,
];

export const isUnsettled = (refusal: string): boolean => UNSETTLED.some(words => words.test(refusal));

type Known = Pick<BlocksFacts, 'refusals' | 'disks' | 'libvirt' | 'agent' | 'foreignCheckpoints'>;

const refusalsOf = ({ refusals, disks }: Known): string[] => [
  ...refusals,
  ...disks.flatMap(({ target, refusal }) => (refusal === undefined ? [] : [`${target}: ${refusal}`])),
];

function cautionsOf({ libvirt, agent, foreignCheckpoints }: Known): string[] {
  const cautions: string[] = [];
  if (!isAtLeast(libvirt, LIBVIRT_READY))
    cautions.push(`libvirt ${libvirt}: backups with checkpoints are called ready from 7.6 on`);
  if (!agent)
    cautions.push('no guest agent answers: copies are of one instant, and file systems are not frozen');
  if (foreignCheckpoints.length > 0)
    cautions.push(
      `somebody else has checkpoints here, which are left alone: ${foreignCheckpoints.join(', ')}`,
    );
  return cautions;
}

/** Why a libvirt is too old; undefined where it is not. */
export const tooOld = (libvirt: string): string | undefined =>
  isAtLeast(libvirt, LIBVIRT_LEAST)
    ? undefined
    : `libvirt ${libvirt} has no backups with checkpoints: 7.2 is needed`;

export interface DiskLook {
  readonly format: string;
  readonly type: string;
  readonly compat: string | undefined;
  readonly corrupt: boolean;
  readonly shared: boolean;
}

/** Why checkpoints are impossible on a disk; undefined where they are possible. */
export function diskRefusal({ format, type, compat, corrupt, shared }: DiskLook): string | undefined {
  if (format !== 'qcow2')
    return `${format} ${type === 'block' ? 'on a block device' : 'image'}: only qcow2 keeps track of what is written`;
  if (compat === '0.10')
    return 'qcow2 of the old version 2 (compat 0.10): with the machine off, qemu-img amend -o compat=1.1 would change it';
  if (corrupt) return 'qemu-img calls the image corrupt';
  if (shared) return 'shared with other domains: what they write is not tracked';
  return undefined;
}

function isAtLeast(version: string, least: readonly [number, number, number]): boolean {
  const parts = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(version)?.slice(1) ?? [];
  for (const [index, want] of least.entries()) {
    const have = Number(parts[index] ?? 0);
    if (have !== want) return have > want;
  }
  return true;
}
