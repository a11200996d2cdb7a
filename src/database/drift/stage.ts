import { LandfallError } from '../../foundation/errors.ts';
import type { AlignDeed, DriftItem } from '../../journal/database-facts.ts';
import { formatScript } from '../../remote/sql/script.ts';
import type { Deed, Script } from '../../remote/sql/statement.ts';
import { performScript } from '../perform.ts';
import { refuseForeignCopy } from '../reconcile/refusals.ts';
import type { Scene, Stage, Work } from '../stage.ts';
import { type MeasuredDrift, measureDrift } from './measure.ts';

/** Names of what is kept in the evacuation's directory. */
const SCRIPT = 'align.sql';
const LIST = 'drift.txt';

/**
 * Makes the clone's schema equal to production's by the script that `database.planned` keeps: what was shown is what
 * runs. What has changed since is an error that asks for a new script.
 */
export const alignStage: Stage = {
  id: 'align',
  title: ({ ref, name }) => `align the schema of ${ref.copy} with ${name}`,
  preview: scene => scriptOf(scene).deeds.map(deed => deed.statement),
  async done(work) {
    if (work.state.aligned === undefined) return false;
    const drift = await measured(work);
    return pending(drift, work).length === 0 && blockers(drift.items).length === 0;
  },
  async run(work) {
    const script = scriptOf(work);
    // The first words that change the copy: whose it is has to be certain before them.
    await refuseForeignCopy(work);
    await work.keep(SCRIPT, formatScript(script));
    const { servers, signal } = work;
    await performScript(script, {
      ...{ servers, signal },
      onDeed: (deed, at, of) => work.sample({ text: deed.statement.title, fraction: at / of }),
    });
    work.sample({ text: 'comparing the schemas once more' });
    const left = await measured(work);
    await work.keep(LIST, listed(left.items));
    refuseWhatIsLeft(work, left);
    await work.emit({ type: 'database.aligned', database: work.name, statements: script.deeds.length });
  },
};

const measured = ({ servers, ref, signal }: Work): Promise<MeasuredDrift> =>
  measureDrift({ servers, ref, signal });

/** Once aligned, what later stages hold disabled stays as they hold it. */
const isState = ({ id }: Pick<Deed, 'id'>): boolean => id.startsWith('state/');

function scriptOf({ state, ref, name }: Scene): Script {
  const deeds = state.planned?.align ?? [];
  return {
    title: `Make the schema of the copy, ${ref.copy}, equal to production's, ${name}`,
    deeds: deeds
      .map(deed => deedOf(deed, ref.copy))
      .filter(deed => state.aligned === undefined || !isState(deed)),
  };
}

const deedOf = ({ id, title, text, done }: AlignDeed, database: string): Deed => ({
  id,
  statement: { on: 'subscriber', database, title, text, effect: 'writes' },
  done: { on: 'subscriber', database, title: `is it so already: ${title}`, text: done, effect: 'reads' },
});

const pending = (drift: MeasuredDrift, { state }: Work): Deed[] =>
  drift.align.deeds.filter(deed => state.aligned === undefined || !isState(deed));

const blockers = (items: readonly DriftItem[]): DriftItem[] =>
  items.filter(item => item.severity === 'blocker');

const line = ({ severity, kind, subject, what, aligned }: DriftItem): string =>
  `${severity.padEnd(7)} ${kind} ${subject} ${what}${aligned ? ' [the script mends it]' : ''}`;

const listed = (items: readonly DriftItem[]): string =>
  items.length === 0 ? 'no drift\n' : `${items.map(line).join('\n')}\n`;

function refuseWhatIsLeft(work: Work, left: MeasuredDrift): void {
  const where = { host: work.servers.subscriber.label };
  const refused = blockers(left.items).filter(item => !item.aligned);
  if (refused.length > 0)
    throw new LandfallError('database.drift', {
      what: `${refused.length} differences between ${work.ref.copy} and ${work.name} would refuse production's rows, and no script mends them without losing data`,
      where,
      evidence: refused.slice(0, 10).map(line),
      next: [
        `mend them by hand in ${work.ref.copy}: ${LIST} names each, with the query that shows the rows`,
        'or choose a lane that begins with a backup of production',
      ],
    });
  const open = pending(left, work);
  if (open.length === 0) return;
  throw new LandfallError('database.drift', {
    what: `the schema of ${work.ref.copy} differs from ${work.name} in ${open.length} ways that the script does not mend: one of the two has changed since it was made`,
    where,
    evidence: open.slice(0, 10).map(deed => deed.statement.title),
    next: [
      `landfall database plan ${work.name}: compares again and makes a new script`,
      'read it with --dry-run, and run the same command again',
    ],
  });
}
