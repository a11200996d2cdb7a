import { lintAddresses } from './lint/addresses.ts';
import { lintCutover } from './lint/cutover.ts';
import { lintDatabases } from './lint/databases.ts';
import { lintDeadline } from './lint/deadline.ts';
import { lintDns } from './lint/dns.ts';
import { lintExcludes } from './lint/excludes.ts';
import { lintExternal } from './lint/external.ts';
import { lintLevels } from './lint/levels.ts';
import { lintLink } from './lint/link.ts';
import { lintMovers } from './lint/movers.ts';
import { lintNames } from './lint/names.ts';
import { lintNetworks } from './lint/networks.ts';
import { lintOrder } from './lint/order.ts';
import { lintReferences } from './lint/references.ts';
import type { Rule } from './lint/rule.ts';
import { lintSites } from './lint/sites.ts';

const RULES: readonly Rule[] = [
  lintReferences,
  lintSites,
  lintOrder,
  lintAddresses,
  lintNetworks,
  lintNames,
  lintDatabases,
  lintDeadline,
  lintLink,
  lintLevels,
  lintExcludes,
  lintMovers,
  lintDns,
  lintCutover,
  lintExternal,
];

/** What a schema cannot see. Pure; every finding names its place in the plan. */
export const lint: Rule = (draft, context) => RULES.flatMap(rule => rule(draft, context));
