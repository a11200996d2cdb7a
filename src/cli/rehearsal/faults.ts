import { asLandfallError } from '../../foundation/errors.ts';
import type { Event } from '../../journal/events.ts';
import type { LabClient } from '../../lab/client.ts';
import type { Io } from '../io.ts';

export const FAULTS = [
  'link-drop',
  'control-drop',
  'target-full',
  'host-key',
  'kill-rsync',
  'freeze',
  'tear',
  'agent-silent',
] as const;

export interface WantedFault {
  readonly kind: (typeof FAULTS)[number];
  /** Without one: the first machine that comes to where the fault strikes. */
  readonly machine?: string | undefined;
}

export interface ArmedFaults {
  event(event: Event): void;
  /** Resolves when everything that was switched on has been switched off again, where it can be. */
  settled(): Promise<void>;
}

/** How long a fault that heals lasts. */
const LASTS_MS = 1_500;

/** These end by themselves in the real world too; the others stay until somebody acts. */
const HEALS: ReadonlySet<string> = new Set(['link-drop', 'freeze', 'agent-silent']);

/** An agent is needed before the first pass, the other things during it. */
const strikesAt = (kind: WantedFault['kind'], event: Event): string | undefined => {
  if (kind === 'agent-silent') return event.type === 'replica.created' ? event.machine : undefined;
  return event.type === 'pass.started' && event.pass === 1 ? event.machine : undefined;
};

/** Switches each wanted fault on when its machine comes to where it hurts. */
export function armFaults(lab: LabClient, wanted: readonly WantedFault[], io: Io): ArmedFaults {
  const waiting = new Set(wanted);
  const working: Promise<void>[] = [];
  const strike = async ({ kind }: WantedFault, machine: string): Promise<void> => {
    io.err(`LAB: fault ${kind} at ${machine}\n`);
    await lab.fault(kind, machine, true);
    if (!HEALS.has(kind)) return;
    await io.clock.sleep(LASTS_MS, io.signal);
    await lab.fault(kind, machine, false);
    io.err(`LAB: fault ${kind} at ${machine} is over\n`);
  };
  return {
    event(event) {
      for (const fault of waiting) {
        const machine = strikesAt(fault.kind, event);
        if (machine === undefined || (fault.machine ?? machine) !== machine) continue;
        waiting.delete(fault);
        working.push(
          strike(fault, machine).catch((thrown: unknown) => {
            io.err(`LAB: fault ${fault.kind}: ${asLandfallError(thrown).facts.what}\n`);
          }),
        );
      }
    },
    settled: async () => void (await Promise.all(working)),
  };
}
