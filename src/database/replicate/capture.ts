import { writeMarkerStatement } from '../monitor/marker.ts';
import { isPerformed } from '../perform.ts';
import type { Stage, Work } from '../stage.ts';
import { capturedScript, captureScript, laneOf, recordScript } from './capture-script.ts';
import { PASSWORD } from './distributor.ts';
import { perform, type RunValues } from './performing.ts';
import { statementsOf } from './phrases.ts';
import { proveCapture } from './proof.ts';
import { foundValues, isForeign, readSituation, refuseForeign } from './situation.ts';

const CLEANUP_OFF = 'cleanup-off';
const LANES = ['backup', 'clone', 'snapshot'] as const;

/** From its end on every committed change of production is kept for the copy. Emits database.captured. */
export const captureStage: Stage = {
  id: 'capture',
  title: ({ name, ref }) => `keep every change of ${name} from now on, at ${ref.distributor}`,
  preview: scene => [
    ...statementsOf(captureScript(scene)),
    writeMarkerStatement(scene.ref),
    ...statementsOf(capturedScript(scene)),
  ],
  async done(work) {
    // The clean-up waits only while this runs, and where the distributor is landfall's own.
    const deeds = captureScript(work).deeds.filter(({ id }) => id !== CLEANUP_OFF);
    // What the journal does not know is told once more: others go on from it.
    if (work.state.captured === undefined) return false;
    return (await isPerformed({ title: '', deeds }, work)) && (await isPerformed(capturedScript(work), work));
  },
  async run(work) {
    const script = captureScript(work);
    const situation = await readSituation(work);
    refuseForeign(work, situation);
    await perform(work, recordScript(work), foundValues(situation));
    // The clean-up of a distributor that others use too is theirs.
    const foreign = isForeign(situation);
    const deeds = script.deeds.filter(({ id }) => id !== CLEANUP_OFF || !foreign);
    await perform(work, { ...script, deeds }, { ...foundValues(situation), ...password(work) });
    const marker = await proveCapture(work);
    await perform(work, capturedScript(work));
    const lane = LANES.find(each => each === laneOf(work)) ?? 'clone';
    const { publication } = work.ref;
    await work.emit({ type: 'database.captured', database: work.name, lane, publication, marker });
  },
};

/** Long, random, of every kind of character that a policy of passwords may ask for. */
const password = ({ random }: Work): RunValues => ({
  [PASSWORD]: { type: 'nvarchar', value: `Lf1-${Buffer.from(random.bytes(24)).toString('base64url')}` },
});
