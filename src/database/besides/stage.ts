import { LandfallError } from '../../foundation/errors.ts';
import type { BesidesItem } from '../../journal/database-facts.ts';
import type { Scene, Stage, Work } from '../stage.ts';
import { applyWanted, besidesStatements } from './apply.ts';
import { readHash } from './read-server.ts';
import { besidesScript } from './script.ts';
import { type Survey, surveyBesides } from './survey.ts';
import { loginNames } from './wanted.ts';

/** The script that makes everything, with hashes: mode 0600, for a DBA. */
export const BESIDES_SCRIPT = 'besides.sql';
/** The same without hashes: for a screen. */
export const BESIDES_SHOWN = 'besides-shown.sql';

/**
 * Compares, keeps the script, says what it found. Ordered by an engineer it also makes what is safe while the copy only
 * follows: logins, users, roles, permissions, disabled jobs.
 */
export const besidesStage: Stage = {
  id: 'besides',
  title: ({ name, state }) =>
    state.ordered.besides === undefined
      ? `compare what replication does not bring for ${name}`
      : `make what replication does not bring for ${name}`,
  preview: (scene: Scene) => (scene.state.ordered.besides === undefined ? [] : besidesStatements(scene.ref)),
  // Logins and jobs change on production at any time: what was read is only as good as its age.
  done: async ({ state }) => state.ordered.besides === undefined && state.besides !== undefined,
  run: runBesides,
};

async function runBesides(work: Work): Promise<void> {
  const first = await surveyBesides(work);
  const safe = first.comparison.wanted.filter(({ when }) => when === 'before');
  const isOrdered = work.state.ordered.besides !== undefined;
  const refused = isOrdered ? (await applyWanted(work, safe)).refused : [];
  const survey = isOrdered ? await surveyBesides(work) : first;
  await keepScripts(work, survey);
  await work.emit({
    type: 'database.besides',
    database: work.name,
    items: withRefusals(survey.comparison.items, refused),
    script: BESIDES_SHOWN,
  });
  if (refused.length === 0) return;
  throw new LandfallError('sql.failed', {
    what: `${refused.length} of ${safe.length} things beside the tables were refused by the ${work.servers.subscriber.label}`,
    why: 'the application would miss them after the hand-over; everything else was made',
    where: { host: work.servers.subscriber.label },
    evidence: refused,
    next: [
      `read them in ${BESIDES_SCRIPT} and make them by hand`,
      'then run landfall database besides again: it says what is still missing',
    ],
  });
}

async function keepScripts(work: Work, { source, comparison }: Survey): Promise<void> {
  const { ref, servers, signal } = work;
  const wanted = new Set(
    comparison.wanted.flatMap(({ sayings }) => sayings.flatMap(({ hashOf }) => hashOf?.toLowerCase() ?? [])),
  );
  const hashes = new Map<string, string>();
  for (const login of loginNames(source.server.logins)) {
    if (!wanted.has(login.toLowerCase())) continue;
    const hash = await readHash(servers.publisher, 'publisher', login, signal);
    if (hash !== undefined) hashes.set(login.toLowerCase(), hash);
  }
  const options = {
    ref,
    comparison,
    ...(source.database === undefined ? {} : { source: source.database }),
  };
  await work.keep(BESIDES_SHOWN, besidesScript(options));
  await work.keep(BESIDES_SCRIPT, besidesScript({ ...options, hashes }));
}

const withRefusals = (items: readonly BesidesItem[], refused: readonly string[]): BesidesItem[] =>
  items.map(item => {
    const why = refused.find(each => each.startsWith(`${item.kind} ${item.name}: `));
    return why === undefined
      ? item
      : { ...item, what: `refused: ${why.slice(item.kind.length + item.name.length + 3)}` };
  });
