import type { SqlDatabaseSurvey } from '../../journal/facts-site.ts';
import {
  publicationsQuestion,
  referencesQuestion,
  sizesQuestion,
  subscriptionsQuestion,
} from '../assess/questions-database.ts';
import type { Beginning } from './begin.ts';
import { type DatabaseRow, tablesOf } from './databases.ts';
import type { Looker } from './looker.ts';
import {
  brokerQuestion,
  codeQuestion,
  fileGroupsQuestion,
  keysQuestion,
  orphansQuestion,
  routesQuestion,
  synonymsQuestion,
  tablesQuestion,
} from './questions-database.ts';
import { referencesOf } from './references.ts';

/** What is known of a database only inside of it. */
export interface Inside {
  readonly facts: Partial<SqlDatabaseSurvey>;
  readonly features: readonly string[];
  /** Where the list of all files of the server could not be seen. */
  readonly sizes?: { readonly dataBytes: number; readonly logBytes: number };
  readonly orphans: number;
  readonly publications: readonly string[];
  readonly subscriptions: readonly {
    readonly publisher: string;
    readonly from: string;
    readonly publication: string;
  }[];
}

/** References that are told of one database. */
const MOST_REFERENCES = 200;

/** Opens one database of the plan: its tables, what it needs elsewhere, what replicates it already. */
export async function lookInside(
  look: Looker,
  { major, seen }: Beginning,
  { name, published, subscribed }: DatabaseRow,
  linked: readonly string[],
): Promise<Inside> {
  const on = look.role;
  const [size] = (await look.may(sizesQuestion(on, name))) ?? [];
  const [orphaned] = (await look.may(orphansQuestion(on, name))) ?? [];
  const publications = published ? ((await look.may(publicationsQuestion(on, name))) ?? []) : [];
  const subscriptions = subscribed ? ((await look.may(subscriptionsQuestion(on, name))) ?? []) : [];
  const definitions = seen.has(`inside ${name}`) ? await readTables(look, name, major) : undefined;
  const references = seen.has(`inside ${name}`)
    ? await readReferences(look, name, seen.has(`references ${name}`), linked)
    : undefined;
  const { features = [], ...tables } = definitions ?? {};
  return {
    facts: { ...tables, ...(references === undefined ? {} : { references }) },
    features,
    ...(size === undefined ? {} : { sizes: { dataBytes: size.data, logBytes: size.log } }),
    orphans: orphaned?.orphans ?? 0,
    publications: publications.map(each => each.name),
    subscriptions: subscriptions.map(each => ({
      publisher: each.publisher,
      from: each.publisher_database,
      publication: each.publication,
    })),
  };
}

async function readTables(
  look: Looker,
  name: string,
  major: number,
): Promise<(Partial<SqlDatabaseSurvey> & { readonly features: readonly string[] }) | undefined> {
  const on = look.role;
  const tables = await look.may(tablesQuestion(on, name, major));
  const keys = await look.may(keysQuestion(on, name));
  const [groups] = (await look.may(fileGroupsQuestion(on, name))) ?? [];
  const [broker] = (await look.may(brokerQuestion(on, name))) ?? [];
  const features = [
    ...((groups?.streams ?? 0) > 0 ? ['filestream'] : []),
    ...((groups?.memory ?? 0) > 0 ? ['in-memory'] : []),
    ...((broker?.services ?? 0) > 0 ? ['service broker'] : []),
  ];
  if (tables === undefined || keys === undefined) return { features };
  const told = tablesOf(tables, new Set(keys.map(({ id }) => id)));
  return { ...told, features: [...features, ...told.features] };
}

async function readReferences(
  look: Looker,
  name: string,
  listed: boolean,
  linked: readonly string[],
): Promise<SqlDatabaseSurvey['references']> {
  const on = look.role;
  const named = listed ? await look.may(referencesQuestion(on, name)) : [];
  const synonyms = await look.may(synonymsQuestion(on, name));
  const code = await look.may(codeQuestion(on, name));
  const routes = await look.may(routesQuestion(on, name));
  const all = referencesOf(
    {
      named: [...(named ?? []), ...(synonyms ?? []).map(each => ({ ...each, from: `synonym ${each.from}` }))],
      code: code ?? [],
      routes: routes ?? [],
    },
    linked,
  );
  return [...(look.first(MOST_REFERENCES, `references out of ${name}`, all) ?? [])];
}
