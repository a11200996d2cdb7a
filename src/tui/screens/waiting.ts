import { nameOf } from '../../reports/say.ts';
import { heldPhase } from '../held-stages.ts';
import type { View } from '../screen.ts';
import { type Line, span } from '../text/line.ts';
import { ageText } from './cells.ts';
import { engineWords } from './engine-words.ts';

/** What keeps everything from going on, and the key that ends it: it comes before any finding about a machine. */
export function orderedToWait(view: View): Line | undefined {
  const { snapshot, glyphs, now } = view;
  if (snapshot === undefined) return undefined;
  if (snapshot.connection === 'lost')
    return [
      span(
        `${glyphs.bad} The engine is not reachable; what you see grows old. landfall keeps trying; on its host: landfall status ${snapshot.name}`,
        'bad',
      ),
    ];
  if (snapshot.connection === 'none')
    return [
      span(
        engineWords(snapshot) === 'engine gone'
          ? `${glyphs.bad} The engine is gone and nobody steers: passes that run go on by themselves, no new ones begin. [e] starts it again; nothing is done twice.`
          : `${glyphs.unknown} No engine runs: nothing is copied, and this is what the journal says. [e] starts it; nothing is done twice.`,
        engineWords(snapshot) === 'engine gone' ? 'bad' : 'unknown',
      ),
    ];
  const paused = snapshot.state.evacuation?.paused;
  if (paused !== undefined) {
    const why = paused.reason === undefined ? '' : `: ${paused.reason}`;
    return [
      span(
        `${glyphs.warn} ${nameOf(paused.by)} paused everything ${ageText(now - paused.at)} ago${why}. [P] lets it go on.`,
        'warn',
      ),
    ];
  }
  const held = heldPhase(view);
  const failing = view.rows.some(row => row.failure !== undefined);
  if (held === undefined || failing) return undefined;
  return [
    span(
      `${glyphs.warn} ${held} waits for your approval. [a] shows its exact commands; enter there lets it begin.`,
      'warn',
    ),
  ];
}
