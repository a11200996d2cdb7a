import type { SqlServerFacts } from '../../journal/database-facts.ts';
import type { Catalog } from '../catalog/types.ts';

/** Everything the assessment asked, as it was answered: what findings are made of. */
export interface Survey {
  readonly publisher: SqlServerFacts;
  readonly distributor: SqlServerFacts;
  readonly subscriber: SqlServerFacts;
  readonly clone?: SqlServerFacts;
  readonly catalog: Catalog;
  readonly cloneCatalog?: Catalog;
}
