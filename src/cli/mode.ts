import { tryOrder } from '../evacuation/engine/desk.ts';
import { MEANINGS, type ModePreview, previewMode } from '../evacuation/mode-preview.ts';
import { stepsOf } from '../evacuation/planner.ts';
import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import { harmless } from '../foundation/text.ts';
import { formatDuration } from '../foundation/units.ts';
import type { StormMode } from '../journal/storm-modes.ts';
import { ASCII_FIGURES, UNICODE_FIGURES } from '../reports/figures.ts';
import { layOut } from '../reports/table.ts';
import { engineerOf } from './engineer.ts';
import type { Io } from './io.ts';
import { giveOrder, type OrderInput } from './order.ts';
import { loadEvacuation } from './recorded.ts';

export interface ModeInput extends OrderInput {
  readonly confirm: string | undefined;
  readonly reason: string | undefined;
}

interface Wanted extends ModeInput {
  readonly mode: StormMode;
}

/** Switches, through the engine that runs. */
export const orderMode = (io: Io, input: Wanted): Promise<ExitCode> =>
  giveOrder(io, input, `the mode ${input.mode}`, () => commandOf(input));

const commandOf = ({ mode, confirm, reason }: Wanted) => ({
  kind: 'mode' as const,
  mode,
  ...(confirm === undefined ? {} : { confirm }),
  ...(reason === undefined ? {} : { reason }),
});

/** What is in force, who ordered it, and what it means for everybody now. Reads the journal only. */
export async function presentMode(io: Io, input: ModeInput): Promise<ExitCode> {
  const { plan, state } = await loadEvacuation(io, input.evacuation, input.state);
  const order = state.evacuation?.mode;
  const present = order?.mode ?? 'calm';
  if (input.json) {
    io.out(`${JSON.stringify({ v: 1, type: 'mode', evacuation: plan.name, mode: present, order })}\n`);
    return EXIT.ok;
  }
  const by =
    order === undefined
      ? ''
      : `, ordered by ${harmless(order.by)} ${formatDuration(Math.max(0, io.clock.now() - order.at))} ago${
          order.reason === undefined ? '' : `: ${harmless(order.reason)}`
        }`;
  io.out(`${plan.name}: the mode is ${present}${by}\n${MEANINGS[present]}\n`);
  if (order?.saved !== undefined) io.out(`it lets go on: ${order.saved.map(harmless).join(', ')}\n`);
  return EXIT.ok;
}

/** What the mode would mean for everybody, or why the engine would refuse it. Reads the journal only. */
export async function previewOf(io: Io, input: Wanted): Promise<ExitCode> {
  const { plan, state } = await loadEvacuation(io, input.evacuation, input.state);
  const view = { plan, state };
  const now = io.clock.now();
  const preview = previewMode(view, input.mode, now);
  // The typed name is asked for when it is ordered: to look at what it would do needs none.
  const command = { ...commandOf(input), confirm: plan.name };
  const by = `${engineerOf(io)}@${io.process.host}`;
  const { said } = tryOrder(command, { ...view, now, by, steps: stepsOf(view) });
  if (input.json)
    io.out(`${JSON.stringify({ v: 1, type: 'dry-run', evacuation: plan.name, ...preview, said })}\n`);
  else io.out(previewText(preview, said, io));
  return EXIT.ok;
}

function previewText({ lines }: ModePreview, said: string, { columns, unicode }: Io): string {
  const words = { 'goes-on': 'goes on', last: 'once more', held: 'waits', stopped: 'stopped' } as const;
  const table = layOut(
    lines,
    [
      { title: 'name', keep: 0, cell: ({ name }) => name },
      { title: '', keep: 0, cell: ({ effect }) => words[effect] },
      { title: 'what it means', keep: 0, shrink: true, cell: each => harmless(each.words) },
    ],
    columns,
    unicode ? UNICODE_FIGURES : ASCII_FIGURES,
  );
  return `${table.join('\n')}\n\nthe engine would answer: ${harmless(said)}\nnothing was ordered\n`;
}
