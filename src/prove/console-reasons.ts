import type { ProofReason } from '../journal/proof-facts.ts';
import { kernelStarts } from './console-text.ts';

type Kind = ProofReason['kind'];

/** One way in which machines fail to come up, known by what they print. */
interface Sign {
  readonly kind: Kind;
  readonly pattern: RegExp;
  readonly words: (found: RegExpExecArray) => string;
  readonly remedy: readonly string[];
  /** Printed by a machine that comes up all the same: it counts only where nothing else does. */
  readonly isWeak?: true;
}

const initramfs = [
  'see that the initramfs of the kernel that boots holds virtio_blk and virtio_pci: lsinitramfs /boot/initrd.img-… | grep virtio, or lsinitrd',
  'where they are missing, add them on the source (initramfs-tools/modules, or dracut add_drivers) and rebuild it there, then one more pass',
];
const loader = [
  'see that the fix-up of the boot loader ran: it is in the list of fix-ups of this proof, with its output in the command log',
  'see that grub-install (grub2-install) is in the source: it runs in a chroot of the copy',
  'then prove it once more: landfall prove PLAN MACHINE',
];
const uuid = [
  'compare the UUID with those of the source: blkid; and with root= in its boot loader and /etc/fstab',
  'if the source says the same wrong thing, it would not survive a restart either: set it right there, then one more pass',
];

/** In the order in which they explain: the first that is found is the reason, what comes after follows from it. */
const SIGNS: readonly Sign[] = [
  {
    kind: 'grub-rescue',
    pattern: /^grub rescue>|Entering rescue mode\.\.\./,
    words: () => 'GRUB was loaded and did not find its own files: it stands at its rescue prompt.',
    remedy: loader,
  },
  {
    kind: 'grub-rescue',
    pattern: /^grub>|Minimal BASH-like line editing is supported/,
    words: () => 'GRUB found no configuration and stands at its prompt.',
    remedy: [
      'see that /boot/grub/grub.cfg (grub2/grub.cfg) exists in the source and is not excluded',
      ...loader,
    ],
  },
  {
    kind: 'no-boot-loader',
    pattern:
      /No bootable device|not a bootable disk|could not read the boot disk|No bootable option or device was found|Boot failed: |^Missing operating system|^Operating System not found|UEFI Interactive Shell|^Shell> /i,
    words: () => 'The firmware found nothing to boot from: there is no boot loader on the disk of the copy.',
    remedy: loader,
  },
  {
    kind: 'fsck-failed',
    pattern:
      /UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY|requires a manual fsck|fsck failed with (?:exit|error)|Structure needs cleaning/i,
    words: () => 'The check of a file system found damage that it may not repair by itself.',
    remedy: [
      'the replica is files copied into fresh file systems, so damage points to the pool or its disk: look at the target hypervisor (dmesg, smartctl)',
      'then make the replica anew and copy once more: landfall run PLAN --another-pass',
    ],
  },
  {
    kind: 'dracut-timeout',
    pattern:
      /dracut-initqueue.*timeout|Warning: Could not boot\.|Starting Dracut Emergency Shell|Entering emergency mode\. Exit the shell to continue/,
    words: () => 'The initramfs (dracut) waited for a device that never came, and gave up.',
    remedy: [...initramfs, ...uuid],
  },
  {
    kind: 'missing-root',
    pattern: /ALERT!\s+(\S+) does not exist\.\s+Dropping to a shell/,
    words: found => `The initramfs did not find the root file system ${found[1] ?? ''}.`,
    remedy: [...uuid, ...initramfs],
  },
  {
    kind: 'missing-root',
    pattern:
      /Gave up waiting for (?:root|suspend\/resume)|VFS: Cannot open root device "([^"]*)"|Unable to mount root fs|Cannot find root device|Failed to mount \S*sysroot/,
    words: found =>
      `The kernel did not find the root file system${found[1] === undefined ? '' : ` ${found[1]}`}.`,
    remedy: [...uuid, ...initramfs],
  },
  {
    kind: 'kernel-panic',
    pattern: /Kernel panic - not syncing: (.*)/,
    words: found => `The kernel stopped: ${found[1] ?? 'panic'}.`,
    remedy: [
      'compare the kernel that the boot loader starts with those in /boot and /lib/modules of the source',
      'if it needs more memory than the proof has: raise proof.memory in the plan',
    ],
  },
  {
    kind: 'emergency-shell',
    pattern:
      /You are in (?:emergency|rescue) mode|Reached target (?:emergency\.target|Emergency Mode)|Give root password for maintenance/,
    words: () => 'It came up only as far as an emergency shell.',
    remedy: [
      'look at the lines above: the first "Dependency failed" or "Timed out waiting for device" names what is missing',
      'a file system in fstab that is not in the replica needs nofail, or has to travel; a wrong UUID is wrong at the source, too',
    ],
  },
  {
    kind: 'emergency-shell',
    pattern: /^\(initramfs\)|BusyBox v[\d.]+ .*built-in shell|^sh-\d[\d.]*# /,
    words: () => 'It stands in the shell of its initramfs.',
    remedy: [...initramfs, ...uuid],
  },
  {
    kind: 'emergency-shell',
    pattern: /Dependency failed for (?:(\S+\.mount)|Local File Systems|local-fs)/,
    words: found =>
      `A file system was not mounted${found[1] === undefined ? '' : ` (${found[1]})`}, and what needs it did not start.`,
    remedy: [
      'see the line of it in /etc/fstab of the source: blkid tells whether that device exists',
      ...uuid.slice(1),
    ],
  },
  {
    kind: 'no-network',
    pattern:
      /Failed to start (?:(\S*(?:wait-online|networking|network|NetworkManager)\S*)|.*Wait for Network)/i,
    words: found => `Its network did not come up${found[1] === undefined ? '' : ` (${found[1]})`}.`,
    remedy: [
      'compare the names of interfaces in its configuration with those that the copy has: the evidence lists them',
      'match interfaces by MAC address in the configuration of the source: the standby keeps the addresses',
    ],
    isWeak: true,
  },
  {
    kind: 'failed-unit',
    pattern: /Failed to start (\S+\.service|[^.]+)\b/,
    words: found => `A unit failed to start: ${(found[1] ?? '').trim()}.`,
    remedy: ['read its lines in the kept console log, then prove it once more'],
    isWeak: true,
  },
];

/** Lines before and after the one that says it, as evidence. */
const BEFORE = 3;
const AFTER = 2;
/** A relabel restarts the machine once; one more is a circle. */
const RESTARTS_ALLOWED = 2;

/** Why a machine does not come up, from what its console and its screen show; undefined where they do not say. */
export function consoleReason(
  consoleLines: readonly string[],
  screen: readonly string[],
  options: { readonly weakToo: boolean },
): ProofReason | undefined {
  return restartLoop(consoleLines) ?? signOf(consoleLines, options) ?? signOf(screen, options);
}

/** True where nothing more is to be hoped for: the machine stands still. Weak signs do not count. */
export const isStuck = (consoleLines: readonly string[], screen: readonly string[]): boolean =>
  consoleReason(consoleLines, screen, { weakToo: false }) !== undefined;

function signOf(
  lines: readonly string[],
  { weakToo }: { readonly weakToo: boolean },
): ProofReason | undefined {
  for (const { kind, pattern, words, remedy, isWeak } of SIGNS) {
    if (isWeak === true && !weakToo) continue;
    for (const [at, line] of lines.entries()) {
      const found = pattern.exec(line);
      if (found === null) continue;
      return {
        kind,
        ...(kind === 'emergency-shell'
          ? because(words(found), lines.slice(0, at + 1))
          : { words: words(found) }),
        evidence: [
          ...(kind === 'emergency-shell' ? culprits(lines.slice(0, Math.max(0, at - BEFORE))) : []),
          ...lines.slice(Math.max(0, at - BEFORE), at + AFTER + 1),
        ],
        remedy: [...remedy],
      };
    }
  }
  return undefined;
}

const CULPRIT = /Timed out waiting for device|Dependency failed for|^\[FAILED\]|Failed to mount/;

/** What systemd gave up on before it fell into its emergency shell, first things first. */
const culprits = (lines: readonly string[]): string[] => lines.filter(line => CULPRIT.test(line)).slice(0, 4);

/** An emergency shell is what follows; the device that never came, or the mount that failed, is why. */
function because(words: string, lines: readonly string[]): { readonly words: string } {
  const of = (pattern: RegExp): string | undefined =>
    lines.flatMap(line => pattern.exec(line)?.[1]?.trim().replace(/\.$/, '') ?? [])[0];
  const device = of(/Timed out waiting for device (.+)/);
  const mount = of(/Dependency failed for (\S+\.mount.*)/) ?? of(/Failed to mount (.+)/);
  const parts = [
    ...(device === undefined ? [] : [`it waited in vain for the device ${device}`]),
    ...(mount === undefined ? [] : [`${mount} was not mounted`]),
  ];
  return { words: parts.length === 0 ? words : `${words.replace(/\.$/, '')}: ${parts.join(', and ')}.` };
}

function restartLoop(lines: readonly string[]): ProofReason | undefined {
  const starts = kernelStarts(lines);
  if (starts <= RESTARTS_ALLOWED) return undefined;
  const relabels = lines.filter(line => /autorelabel|SELinux .*relabel/i.test(line));
  const isRelabel = relabels.length >= RESTARTS_ALLOWED;
  return {
    kind: isRelabel ? 'relabel-loop' : 'timeout',
    words: isRelabel
      ? `It labels its files for SELinux and restarts, ${starts} times so far: the labels do not stay.`
      : `It restarts by itself again and again, ${starts} times so far.`,
    evidence: (isRelabel ? relabels : lines).slice(-4),
    remedy: isRelabel
      ? [
          'see that rsync of both sides supports extended attributes: labels travel in them',
          'see that /.autorelabel is not recreated at each boot of the source',
        ]
      : ['read what it prints last before each restart, in the kept console log'],
  };
}
