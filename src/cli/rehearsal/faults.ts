import type { Clock } from '../../foundation/clock.ts';
import { asLandfallError } from '../../foundation/errors.ts';
import type { Event } from '../../journal/events.ts';
import type { LabClient } from '../../lab/client.ts';
import type { FaultKind as LabFaultKind } from '../../lab/control/protocol.ts';
import type { Sample } from '../../step/step.ts';
import { LAST_PASS } from './reasons.ts';

export const FAULTS = [
  'link-drop',
  'control-drop',
  'target-full',
  'host-key',
  'kill-rsync',
  'freeze',
  'tear',
  'agent-silent',
  'receiver-key',
  'receiver-down',
  'pool-full',
  'fstab-uuid',
  'no-virtio',
  'nic-renamed',
  'no-grub',
  'unit-fails',
  'site-lost',
  'standby-does-not-start',
  'shutdown-hangs',
  'sshd-killed',
  'kill-receiver-rsync',
  'inodes-full',
  'read-only',
  'disk-detached',
  'unreadable',
  'source-reboot',
  'unmounted',
] as const satisfies readonly LabFaultKind[];

export type FaultKind = (typeof FAULTS)[number];

export interface WantedFault {
  readonly kind: FaultKind;
  /** Without one: the first machine that comes to where the fault strikes. */
  readonly machine?: string | undefined;
}

export interface ArmedFaults {
  event(event: Event): void;
  sample(sample: Sample): void;
  /** Resolves when every fault that heals has healed; names those that met nothing to strike. */
  settled(): Promise<string[]>;
}

/** How long a fault that heals lasts. */
const LASTS_MS = 1_500;

/** These end by themselves in the real world too; the others stay until somebody acts. */
const HEALS: ReadonlySet<string> = new Set(['link-drop', 'freeze', 'agent-silent', 'sshd-killed']);

/** These stay until an engineer asks for another try, which in the lab means that the cause was removed. */
const MENDED: Readonly<Partial<Record<FaultKind, string>>> = {
  'target-full': 'somebody has made room',
  'host-key': 'somebody has put the key back',
  'receiver-key': 'somebody has put the key back',
  'receiver-down': 'somebody has opened the firewall',
  'pool-full': 'somebody has made room',
  'standby-does-not-start': 'somebody has made room in memory',
  'shutdown-hangs': 'somebody has ended what kept it up',
  'inodes-full': 'somebody has given it inodes',
  'read-only': 'somebody has mounted it for writing again',
  'disk-detached': 'somebody has plugged the disk in again',
  unmounted: 'somebody has mounted it again',
};

/** What only a boot finds. It is set right at the source when an engineer asks for another pass, which carries it. */
const NEGLECTS: readonly FaultKind[] = ['fstab-uuid', 'no-virtio', 'nic-renamed', 'no-grub', 'unit-fails'];

/** What is set right at the source when an engineer asks for another pass. */
const AT_SOURCE: readonly FaultKind[] = [...NEGLECTS, 'unreadable'];

/** What is written into the journal when a fault strikes, and how to end it. */
function begins(kind: FaultKind, machine: string): string {
  const end = MENDED[kind];
  if (kind === 'site-lost') return 'fault site-lost: Miami is gone with everything in it, for good';
  if (NEGLECTS.includes(kind)) {
    return `fault ${kind} at ${machine}: nobody has restarted it since, so only a boot tells; it is set right when another pass is asked for (s, or landfall sync)`;
  }
  if (kind === 'unreadable')
    return `fault unreadable at ${machine}: /etc/hostname cannot be read; it can again when another pass is asked for (s, or landfall sync)`;
  const how =
    end === undefined ? '' : `; it stays until a retry is asked for (r, or landfall retry), as if ${end}`;
  return `fault ${kind} at ${machine}${HEALS.has(kind) ? ', which ends by itself' : how}`;
}

/** Where a fault can strike: when the agent is needed, when a copy has been proven, or while a pass runs. */
function momentOf(
  event: Event,
): { readonly kinds: readonly FaultKind[]; readonly machine: string } | undefined {
  // Only the target has images.
  if (event.type === 'hypervisor.observed' && Object.keys(event.images ?? {}).length > 0) {
    return { kinds: ['pool-full'], machine: event.hypervisor };
  }
  if (event.type === 'replica.created') {
    return { kinds: ['agent-silent', ...AT_SOURCE], machine: event.machine };
  }
  // Both strike at what comes next on the checklist.
  if (event.type === 'cutover.quieting')
    return { kinds: ['standby-does-not-start', 'shutdown-hangs'], machine: event.machine };
  if (event.type === 'receiver.reachable') return { kinds: ['receiver-down'], machine: event.machine };
  if (event.type === 'replica.verified') return { kinds: ['tear'], machine: event.machine };
  // Each connection is made anew for a pass, so the other key is seen at once.
  if (event.type === 'pass.started') return { kinds: AT_PASS, machine: event.machine };
  return undefined;
}

/** These need a pass that is under way: what they strike exists only then. */
const UNDER_WAY: readonly FaultKind[] = [
  'link-drop',
  'control-drop',
  'kill-rsync',
  'freeze',
  'site-lost',
  'sshd-killed',
  'kill-receiver-rsync',
  'source-reboot',
];

/** These strike whatever a pass does, however short it is. */
const AT_PASS: readonly FaultKind[] = [
  'host-key',
  'receiver-key',
  'target-full',
  'inodes-full',
  'read-only',
  'disk-detached',
  'unmounted',
];

export interface FaultOptions {
  /** What is switched on already, as the lab names it: `target-full web1`. */
  readonly standing?: readonly string[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** For the journal, in the name of the lab, so that every screen and the report know that it was the lab. */
  readonly note: (text: string) => Promise<void>;
  /** A fault that could not be switched. */
  readonly onTrouble: (text: string) => void;
}

/** Switches each wanted fault on where it hurts; one that met nothing waits for the next such moment. */
export function armFaults(
  lab: Pick<LabClient, 'fault'>,
  wanted: readonly WantedFault[],
  { clock, signal, note, onTrouble, standing: before = [] }: FaultOptions,
): ArmedFaults {
  const waiting = new Set(wanted);
  const working: Promise<void>[] = [];
  /** Those that wait for an engineer, as `target-full web1`. */
  const standing = new Set(before);

  const strike = async (fault: WantedFault, machine: string): Promise<void> => {
    const { kind } = fault;
    const struck = await lab.fault(kind, machine, true);
    if (!struck) {
      waiting.add(fault);
      return;
    }
    if (MENDED[kind] !== undefined || AT_SOURCE.includes(kind)) standing.add(`${kind} ${machine}`);
    await note(begins(kind, machine));
    if (!HEALS.has(kind)) return;
    await clock.sleep(LASTS_MS, signal);
    await lab.fault(kind, machine, false);
    await note(`fault ${kind} at ${machine} is over`);
  };

  const mend = async (kind: FaultKind, machine: string): Promise<void> => {
    await lab.fault(kind, machine, false);
    await note(`fault ${kind} at ${machine} is over: ${MENDED[kind] ?? 'it was set right at the source'}`);
  };

  const work = (kind: FaultKind, doing: Promise<void>): void => {
    working.push(
      doing.catch((thrown: unknown) => {
        onTrouble(`LAB: fault ${kind}: ${asLandfallError(thrown).facts.what}`);
      }),
    );
  };

  const strikeAt = (kinds: readonly FaultKind[], machine: string): void => {
    for (const fault of waiting) {
      if (!kinds.includes(fault.kind) || (fault.machine ?? machine) !== machine) continue;
      waiting.delete(fault);
      work(fault.kind, strike(fault, machine));
    }
  };

  return {
    event(event) {
      if (event.type === 'step.retry-requested') {
        const machine = event.step.split('/')[1] ?? '';
        for (const kind of FAULTS) {
          if (!AT_SOURCE.includes(kind) && standing.delete(`${kind} ${machine}`))
            work(kind, mend(kind, machine));
        }
        for (const full of [...standing].filter(name => name.startsWith('pool-full '))) {
          standing.delete(full);
          work('pool-full', mend('pool-full', full.slice('pool-full '.length)));
        }
      }
      if (event.type === 'pass.requested' && event.reason !== LAST_PASS) {
        for (const kind of AT_SOURCE) {
          if (standing.delete(`${kind} ${event.machine}`)) work(kind, mend(kind, event.machine));
        }
      }
      const moment = momentOf(event);
      if (moment !== undefined) strikeAt(moment.kinds, moment.machine);
    },
    sample({ step, subject }) {
      if (/\/pass-\d+$/.test(step)) strikeAt(UNDER_WAY, subject);
    },
    async settled() {
      await Promise.all(working);
      return [...waiting].map(({ kind, machine }) => (machine === undefined ? kind : `${kind}:${machine}`));
    },
  };
}
