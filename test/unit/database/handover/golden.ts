import { besidesStatements } from '../../../../src/database/besides/index.ts';
import { reverseText, thawStage } from '../../../../src/database/handover/index.ts';
import { handsOf } from '../../../../src/database/handover/stage.ts';
import type { Scene } from '../../../../src/database/stage.ts';
import type { Lane } from '../../../../src/journal/database-facts.ts';
import { formatStatements } from '../../../../src/remote/sql/script.ts';
import { type SceneOptions, sceneOf } from '../replicate/scenes.ts';

/** What is kept under fixtures/database/handover, by the name of its file. */

/** The people's part is besides' own file, which is the same in every lane. */
const handover = (scene: Scene): string =>
  handsOf(scene)
    .map(hand => {
      const statements =
        hand.id === 'people'
          ? hand.preview(scene).filter(({ title }) => title.startsWith('a user whose'))
          : hand.preview(scene);
      const title = `##### ${hand.id}: ${hand.title}`;
      return statements.length === 0 ? `-- ${title}\n` : formatStatements(statements, title);
    })
    .join('\n');

const dark = (scene: Scene): Scene => ({
  ...scene,
  state: {
    ...scene.state,
    ordered: { handover: { order: 'handover', dark: true, confirmed: scene.name, at: 0, by: 'test' } },
  },
});

const lanes: readonly (readonly [Lane, NonNullable<SceneOptions['product']>])[] = [
  ['clone', '2022-standard'],
  ['clone', '2012-standard'],
  ['clone', '2022-enterprise'],
  ['backup', '2022-standard'],
  ['snapshot', '2022-standard'],
  ['log-shipping', '2022-standard'],
  ['change-tracking', '2019-express'],
];

export const GOLDEN: Readonly<Record<string, () => string>> = {
  ...Object.fromEntries(
    lanes.map(([lane, product]) => [`${lane}-${product}`, () => handover(sceneOf({ lane, product }))]),
  ),
  'dark-clone-2022-standard': () => handover(dark(sceneOf({ lane: 'clone' }))),
  'dark-log-shipping-2022-standard': () => handover(dark(sceneOf({ lane: 'log-shipping' }))),
  'thaw-clone-2022-standard': () => {
    const scene = sceneOf({ lane: 'clone', agents: true });
    return formatStatements(thawStage.preview(scene), thawStage.title(scene));
  },
  'failback-clone-2022-standard': () => reverseText(sceneOf({ lane: 'clone' })),
  'failback-change-tracking-2019-express': () =>
    reverseText(sceneOf({ lane: 'change-tracking', product: '2019-express' })),
};

export const BESIDES_GOLDEN = (): string =>
  formatStatements(
    besidesStatements({ copy: 'LoansDev' }),
    'What replication does not bring: each statement in turn',
  );
