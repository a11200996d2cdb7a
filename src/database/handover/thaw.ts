import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import { holds, performScript } from '../perform.ts';
import type { Stage, Work } from '../stage.ts';
import { readFrozen } from './freeze.ts';
import { recordedQuestion, thawScript } from './freeze-script.ts';
import { recoverProduction, recoverStatements } from './proofs.ts';
import { isHandedOver } from './stage.ts';

/**
 * Gives the hand-over up: production as it was before the freeze. Until the point of no return by order alone; after it
 * only with the typed name, for then there are two productions unless nobody has written to the copy.
 *
 * @throws LandfallError database.unconfirmed after the point of no return without the typed name
 */
export const thawStage: Stage = {
  id: 'thaw',
  title: ({ name }) => `give up the hand-over of ${name}: production as it was`,
  preview: scene => [
    ...recoverStatements(scene),
    ...thawScript(scene).deeds.map(({ statement }) => statement),
  ],
  // Asked of the publisher: an order that nothing has answered yet is work even where nothing is frozen.
  done: async work => work.state.ordered.thaw === undefined && work.state.handover === undefined,
  run: runThaw,
};

async function runThaw(work: Work): Promise<void> {
  const { name, state, ref } = work;
  const over = await isHandedOver(work);
  if (over && state.ordered.thaw?.confirmed !== name)
    throw new LandfallError('database.unconfirmed', {
      what: `${name} is handed over: ${ref.copy} on ${ref.subscriber} is the production`,
      why: 'writers on both would make two databases of one; what was written to the copy would not come back',
      next: [
        'where nobody has written to the copy yet: the same order with the name of the database, typed',
        'otherwise: failback.sql in the directory of the evacuation is the way back',
      ],
    });
  await recoverProduction(work);
  const evidence: string[] = [];
  if (await holds(work.servers, recordedQuestion(work), work.signal)) {
    const frozen = await readFrozen(work);
    await performScript(thawScript(work), work);
    for (const kind of ['login', 'job', 'queue']) {
      const names = frozen.filter(each => each.kind === kind).map(each => harmless(each.name));
      if (names.length > 0)
        evidence.push(`${names.length} ${kind}s as they were: ${names.slice(0, 8).join(', ')}`);
    }
    const access = frozen.find(({ kind }) => kind === 'access');
    evidence.push(`${ref.source} is ${access?.was ?? 'as it was'} again`);
  } else evidence.push(`nothing was frozen on ${ref.publisher}`);
  if (over) evidence.push(`${ref.copy} must not be written to any more: it no longer follows`);
  await work.emit({ type: 'handover.thawed', database: name, evidence });
}
