import { resolve } from 'node:path';
import { homeFacts } from '../checklist/home.ts';
import { LandfallError } from '../foundation/errors.ts';
import { openEvacuationDirectory } from '../journal/directory.ts';
import { createFile } from '../journal/durable-file.ts';
import { failbackPlan } from '../plan/failback.ts';
import { parsePlan } from '../plan/load.ts';
import type { Io } from './io.ts';
import { evacuationsRoot, shortPath } from './paths.ts';
import { loadEvacuation } from './recorded.ts';

export interface FailbackInput {
  readonly evacuation: string | undefined;
  readonly output: string | undefined;
  readonly state: string | undefined;
}

/** Prints the plan of the way home, or writes it to a new file; says what is open in it. */
export async function writeFailback(io: Io, input: FailbackInput): Promise<void> {
  const { plan, state } = await loadEvacuation(io, input.evacuation, input.state);
  const directory = await openEvacuationDirectory(evacuationsRoot(io, input.state), plan.name);
  const { text } = await directory.frozenPlan(state.evacuation?.planHash);
  const home = failbackPlan({ text, facts: homeFacts(plan, state) });
  if (input.output === undefined) io.out(home);
  else {
    const file = resolve(io.cwd, input.output);
    await save(file, home);
    const shown = shortPath(io, file);
    io.err(`the way home of ${plan.name} is written to ${shown}\nnext: landfall check ${shown}\n`);
  }
  const open = home.split('\n').filter(line => /# (?:CHECK|FILL IN)/.test(line)).length;
  if (open > 0) io.err(`${open} lines say CHECK or FILL IN: look at each before you run it\n`);
  const result = parsePlan(home, { file: input.output ?? 'failback.yaml', now: io.clock.now() });
  if (!result.ok)
    for (const { line, message } of result.problems) io.err(`to be put right, line ${line}: ${message}\n`);
}

async function save(file: string, text: string): Promise<void> {
  const created = await createFile(file, text, 0o644).catch((cause: unknown) => {
    throw new LandfallError('plan.unwritable', {
      what: `the plan cannot be written to ${file}`,
      evidence: [cause instanceof Error ? cause.message : String(cause)],
      next: ['choose another place with --output, or leave it out to print the plan'],
      cause,
    });
  });
  if (!created)
    throw new LandfallError('plan.exists', {
      what: `${file} exists already`,
      why: 'what somebody filled in there would be lost',
      next: ['choose another name: --output FILE'],
    });
}
