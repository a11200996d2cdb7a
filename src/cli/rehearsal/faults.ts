import { asLandfallError } from '../../foundation/errors.ts';
import type { Event } from '../../journal/events.ts';
import type { LabClient } from '../../lab/client.ts';
import type { FaultKind as LabFaultKind } from '../../lab/control/protocol.ts';
import type { Sample } from '../../step/step.ts';
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
const HEALS: ReadonlySet<string> = new Set(['link-drop', 'freeze', 'agent-silent']);

/** Where a fault can strike: when the agent is needed, when a copy has been proven, or while a pass runs. */
function momentOf(
  event: Event,
): { readonly kinds: readonly FaultKind[]; readonly machine: string } | undefined {
  if (event.type === 'replica.created') return { kinds: ['agent-silent'], machine: event.machine };
  if (event.type === 'replica.verified') return { kinds: ['tear'], machine: event.machine };
  // Each connection is made anew for a pass, so the other key is seen at once.
  if (event.type === 'pass.started') return { kinds: ['host-key', 'target-full'], machine: event.machine };
  return undefined;
}

/** These need a pass that is under way: what they strike exists only then. */
const UNDER_WAY: readonly FaultKind[] = ['link-drop', 'control-drop', 'kill-rsync', 'freeze'];

/** Switches each wanted fault on where it hurts; one that met nothing waits for the next such moment. */
export function armFaults(lab: LabClient, wanted: readonly WantedFault[], io: Io): ArmedFaults {
  const waiting = new Set(wanted);
  const working: Promise<void>[] = [];

  const strike = async (fault: WantedFault, machine: string): Promise<void> => {
    const { kind } = fault;
    const struck = await lab.fault(kind, machine, true);
    if (!struck) {
      waiting.add(fault);
      return;
    }
    io.err(`LAB: fault ${kind} at ${machine}\n`);
    if (!HEALS.has(kind)) return;
    await io.clock.sleep(LASTS_MS, io.signal);
    await lab.fault(kind, machine, false);
    io.err(`LAB: fault ${kind} at ${machine} is over\n`);
  };

  const strikeAt = (kinds: readonly FaultKind[], machine: string): void => {
    for (const fault of waiting) {
      if (!kinds.includes(fault.kind) || (fault.machine ?? machine) !== machine) continue;
      waiting.delete(fault);
      working.push(
        strike(fault, machine).catch((thrown: unknown) => {
          io.err(`LAB: fault ${fault.kind}: ${asLandfallError(thrown).facts.what}\n`);
        }),
      );
    }
  };

  return {
    event(event) {
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
