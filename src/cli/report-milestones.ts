import { planInForce } from '../evacuation/engine/plan-in-force.ts';
import type { Clock } from '../foundation/clock.ts';
import { asLandfallError, type LandfallError } from '../foundation/errors.ts';
import { openEvacuationDirectory } from '../journal/directory.ts';
import type { Event } from '../journal/events.ts';
import { readState } from '../journal/read-state.ts';

/** Keeps the documents in the directory of an evacuation up to date while it runs. */
export interface ReportKeeper {
  event(event: Event): void;
  /** Writes what has changed since, and resolves when all is on disk. */
  end(): Promise<void>;
}

export interface ReportPlace {
  readonly root: string;
  /** Name of the evacuation. */
  readonly name: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

/** After these a document would say something else that matters. */
const MILESTONES: ReadonlySet<Event['type']> = new Set([
  'plan.accepted',
  'replica.verified',
  'proof.ended',
  'gate.waived',
  'gate.waiver-withdrawn',
  'mode.switched',
  'database.validated',
  'handover.ended',
  'cutover.begun',
  'cutover.item',
  'cutover.no-return',
  'cutover.aborted',
  'cutover.ended',
]);

const EVERY_MS = 60e3;
/** A large estate takes seconds to write about: the engine has other things to do. */
const SHARE = 50;

/** Nothing of it is needed to go on: what cannot be written is told to `onTrouble` and ends nothing. */
export function createReportKeeper(
  place: ReportPlace,
  onTrouble: (error: LandfallError) => void,
  write: (place: ReportPlace) => Promise<void> = writeReports,
): ReportKeeper {
  let isDirty = false;
  let nextAt = Number.NEGATIVE_INFINITY;
  let writing: Promise<void> | undefined;
  const begin = (): Promise<void> => {
    isDirty = false;
    const startedAt = place.clock.now();
    writing = write(place)
      .catch((thrown: unknown) => onTrouble(asLandfallError(thrown)))
      .finally(() => {
        const now = place.clock.now();
        nextAt = now + Math.max(EVERY_MS, SHARE * (now - startedAt));
        writing = undefined;
      });
    return writing;
  };
  return {
    event({ type }) {
      if (!MILESTONES.has(type)) return;
      isDirty = true;
      if (writing === undefined && place.clock.now() >= nextAt) void begin();
    },
    async end() {
      await writing;
      if (isDirty) await begin();
    },
  };
}

/** Every document of an evacuation into its `reports/`, from its journal. */
export async function writeReports({ root, name, env, clock }: ReportPlace): Promise<void> {
  const [{ fullReport, redactorFor }, { timingsKept }, { renderAll }] = await Promise.all([
    import('./reporting.ts'),
    import('./timings.ts'),
    import('../reports/documents.ts'),
  ]);
  const directory = await openEvacuationDirectory(root, name);
  const events: Event[] = [];
  const { state } = await readState(root, name, event => events.push(event));
  const plan = await planInForce(directory, state.evacuation?.planHash, clock.now());
  const report = await fullReport({
    ...{ plan, state },
    events,
    now: clock.now(),
    timings: await timingsKept(root, name),
    redactor: await redactorFor(plan, env),
  });
  for (const file of renderAll(report)) await directory.writeArtifact(`reports/${file.name}`, file.text);
  // Never throws: without Git the files lie there all the same.
  await directory.commit('reports written');
}
