import { collationNames } from '../../values/index.ts';
import type { SystemView } from '../view.ts';
import * as columns from './columns.ts';
import * as compatibility from './compatibility.ts';
import * as constraints from './constraints.ts';
import * as databases from './databases.ts';
import * as dependencies from './dependencies.ts';
import * as empty from './empty.ts';
import * as indexes from './indexes.ts';
import * as information from './information.ts';
import * as mirroring from './mirroring.ts';
import * as objects from './objects.ts';
import * as parameters from './parameters.ts';
import * as principals from './principals.ts';
import * as server from './server.ts';
import * as sessions from './sessions.ts';
import * as tracking from './tracking.ts';
import * as transactions from './transactions.ts';

const isView = (exported: unknown): exported is SystemView =>
  typeof exported === 'object' && exported !== null && 'columns' in exported && 'rows' in exported;

/** Every catalog and management view of the system: what the modules of this folder export. */
export const SYSTEM_VIEWS: readonly SystemView[] = [
  ...[
    columns,
    compatibility,
    constraints,
    databases,
    dependencies,
    empty,
    indexes,
    information,
    mirroring,
    objects,
    parameters,
    principals,
    server,
    sessions,
    tracking,
    transactions,
  ].flatMap(module => Object.values<unknown>(module).filter(isView)),
  server.helpCollations(collationNames),
];
