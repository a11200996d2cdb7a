import { readFile } from 'node:fs/promises';
import type { Timings } from '../checklist/types.ts';
import { harmlessValue } from '../foundation/harmless-value.ts';
import { createRedactor, type Redactor } from '../foundation/redact.ts';
import type { Event } from '../journal/events.ts';
import type { State } from '../journal/state.ts';
import type { Plan } from '../plan/schema.ts';
import type { Report } from '../reports/shape.ts';

/** What a report of everything needs beside plan and state. */
export interface FullReportInput {
  readonly plan: Plan;
  readonly state: State;
  readonly events: readonly Event[];
  readonly now: number;
  readonly timings?: Timings;
  /** The checklist as it would be with the source gone. */
  readonly dark?: boolean;
  /** Hash of the plan file that was named, to be held against the frozen one. */
  readonly planHash?: string;
  readonly redactor: Redactor;
}

/** The one model with everything that documents can be made of. No secret passes that the redactor knows or recognises. */
export async function fullReport(input: FullReportInput): Promise<Report> {
  const { plan, state, now, timings, dark, planHash, redactor } = input;
  const [
    { reportOf },
    { createHistory, earlierTimings },
    { cutoverCommands },
    { mergeTimings },
    { rehearsedAt },
  ] = await Promise.all([
    import('../reports/model.ts'),
    import('../reports/history.ts'),
    import('../cutover/index.ts'),
    import('../checklist/index.ts'),
    import('./timings.ts'),
  ]);
  const history = createHistory();
  const { events } = input;
  for (const event of events) history.add(event);
  const view = { plan, state };
  const isDark = dark === true ? { dark: true } : {};
  const report = reportOf(view, now, {
    triage: true,
    history: history.report(now),
    checklist: {
      ...isDark,
      // Exact lines are pasted by people: control characters of hosts must not come along.
      commands: harmlessValue(cutoverCommands(view, isDark)),
      timings: mergeTimings([...(timings === undefined ? [] : [timings]), earlierTimings(events)]),
    },
    ...(planHash === undefined ? {} : { planHash }),
    ...rehearsedAt(timings ?? {}),
  });
  return redactor.value(report);
}

/** Knows every secret that the plan names and that can be read here: none of them may stand in a document. */
export async function redactorFor(
  plan: Pick<Plan, 'databases'>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Redactor> {
  const { namedSecrets } = await import('../evacuation/sql/secrets.ts');
  const redactor = createRedactor();
  for (const reference of new Set(namedSecrets(plan).map(each => each.reference))) {
    const value = await secretOf(reference, env);
    if (value !== undefined) redactor.learn(value);
  }
  return redactor;
}

async function secretOf(
  reference: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  if (reference.startsWith('env:')) return env[reference.slice('env:'.length)];
  if (!reference.startsWith('file:/')) return undefined;
  // A document needs no secret: one that cannot be read here cannot have come into it from here either.
  return (await readFile(reference.slice('file:'.length), 'utf8').catch(() => undefined))?.trim();
}
