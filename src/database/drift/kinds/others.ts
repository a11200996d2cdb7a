import { identifier, literal } from '../../../remote/sql/quote.ts';
import type { Catalog, Sequence } from '../../catalog/types.ts';
import type { Collector, Phase } from '../collector.ts';
import { inOrder } from '../order.ts';
import { both, not, objectExists } from '../script/done.ts';
import { idText, nameText } from '../script/names.ts';
import { type Keying, paired, shown } from '../text.ts';

/** What a database has beside tables and modules. */
export function compareOthers(to: Collector, source: Catalog, copy: Catalog, keyOf: Keying): void {
  compareDatabase(to, source, copy);
  compareSchemas(to, source, copy, keyOf);
  compareTypes(to, source, copy, keyOf);
  compareSequences(to, source, copy, keyOf);
  comparePartitionFunctions(to, source, copy, keyOf);
  compareSynonyms(to, source, copy, keyOf);
}

function compareDatabase(to: Collector, source: Catalog, copy: Catalog): void {
  const item = (severity: 'warning' | 'note', what: string): void =>
    to.item({ kind: 'database', subject: copy.database, severity, what, aligned: false });
  if (source.collation !== copy.collation)
    item(
      'warning',
      `its collation is ${copy.collation}, production's ${source.collation}: columns are compared one by one`,
    );
  if (source.compatibility !== copy.compatibility)
    item('note', `its compatibility level is ${copy.compatibility}, production's ${source.compatibility}`);
}

const extra = (to: Collector, kind: string, subject: string): void =>
  to.item({ kind, subject, severity: 'note', what: 'is on the copy only, and stays', aligned: false });

const missing = (to: Collector, kind: string, subject: string): void =>
  to.item({ kind, subject, severity: 'warning', what: 'is missing on the copy', aligned: true });

function compareSchemas(to: Collector, source: Catalog, copy: Catalog, keyOf: Keying): void {
  const schemas = paired(source.schemas, copy.schemas, keyOf);
  for (const name of schemas.onlyRight) extra(to, 'schema', name);
  for (const name of schemas.onlyLeft) {
    missing(to, 'schema', name);
    to.change({
      ...{ phase: 'schema', kind: 'schema', subject: name, title: `make the schema ${name}` },
      text: `CREATE SCHEMA ${identifier(name)} AUTHORIZATION [dbo];`,
      done: `SCHEMA_ID(${literal(name)}) IS NOT NULL`,
    });
  }
}

function compareTypes(to: Collector, source: Catalog, copy: Catalog, keyOf: Keying): void {
  const types = paired(source.types, copy.types, type => keyOf(shown(type)));
  for (const type of types.onlyRight) extra(to, 'type', shown(type));
  for (const [wanted, found] of types.both)
    if (wanted.definition !== found.definition)
      to.item({
        ...{ kind: 'type', subject: shown(wanted), severity: 'warning', aligned: false },
        what: `is ${wanted.definition} on production and ${found.definition} on the copy: what uses it has to be made again by hand`,
      });
  for (const type of inOrder(types.onlyLeft)) {
    const isAssembly = type.definition === 'EXTERNAL';
    if (isAssembly) {
      to.item({
        ...{ kind: 'type', subject: shown(type), severity: 'warning', aligned: false },
        what: 'is missing on the copy and comes from an assembly: install the assembly by hand',
      });
      continue;
    }
    missing(to, 'type', shown(type));
    to.change({
      ...{ phase: 'type', kind: 'type', subject: shown(type), title: `make the type ${shown(type)}` },
      text: `CREATE TYPE ${nameText(type)} ${type.definition.startsWith('TABLE') ? 'AS' : 'FROM'} ${type.definition};`,
      done: `TYPE_ID(${literal(nameText(type))}) IS NOT NULL`,
    });
  }
}

const cacheText = (cache: number | undefined): string =>
  cache === undefined ? 'CACHE' : cache === 0 ? 'NO CACHE' : `CACHE ${cache}`;

const sequenceOptions = (sequence: Sequence): string =>
  [
    `INCREMENT BY ${sequence.increment}`,
    `MINVALUE ${sequence.minimum}`,
    `MAXVALUE ${sequence.maximum}`,
    sequence.cycles ? 'CYCLE' : 'NO CYCLE',
    cacheText(sequence.cache),
  ].join(' ');

/** Where a sequence stands is no drift: the hand-over sets it beyond what production has given out. */
function compareSequences(to: Collector, source: Catalog, copy: Catalog, keyOf: Keying): void {
  const sequences = paired(source.sequences, copy.sequences, each => keyOf(shown(each)));
  for (const found of sequences.onlyRight) extra(to, 'sequence', shown(found));
  for (const wanted of sequences.onlyLeft) {
    missing(to, 'sequence', shown(wanted));
    to.change({
      ...{
        phase: 'sequence',
        kind: 'sequence',
        subject: shown(wanted),
        title: `make the sequence ${shown(wanted)}`,
      },
      text: `CREATE SEQUENCE ${nameText(wanted)} AS ${wanted.type} START WITH ${wanted.current} ${sequenceOptions(wanted)};`,
      done: objectExists(wanted),
    });
  }
  for (const [wanted, found] of sequences.both) {
    const isSame = sequenceOptions(wanted) === sequenceOptions(found);
    if (isSame && wanted.type === found.type) continue;
    const aligned = wanted.type === found.type;
    to.item({
      ...{ kind: 'sequence', subject: shown(wanted), severity: 'warning', aligned },
      what: `is ${wanted.type} ${sequenceOptions(wanted)} on production and ${found.type} ${sequenceOptions(found)} on the copy`,
    });
    if (!aligned) continue;
    to.change({
      ...{
        phase: 'sequence',
        kind: 'sequence',
        subject: shown(wanted),
        title: `alter the sequence ${shown(wanted)}`,
      },
      // It begins again where production stands: where the copy stands may lie outside the new limits.
      text: `ALTER SEQUENCE ${nameText(wanted)} RESTART WITH ${wanted.current} ${sequenceOptions(wanted)};`,
      done: sequenceIs(wanted),
    });
  }
}

const sequenceIs = (wanted: Sequence): string =>
  `EXISTS (SELECT 1 FROM sys.sequences WHERE ${[
    `object_id = ${idText(wanted)}`,
    `CONVERT(varchar(50), increment) = '${wanted.increment}'`,
    `CONVERT(varchar(50), minimum_value) = '${wanted.minimum}'`,
    `CONVERT(varchar(50), maximum_value) = '${wanted.maximum}'`,
    `is_cycling = ${wanted.cycles ? 1 : 0}`,
    `is_cached = ${wanted.cache === 0 ? 0 : 1}`,
    ...(wanted.cache === undefined || wanted.cache === 0 ? [] : [`cache_size = ${wanted.cache}`]),
  ].join(' AND ')})`;

function comparePartitionFunctions(to: Collector, source: Catalog, copy: Catalog, keyOf: Keying): void {
  const functions = paired(source.partitionFunctions, copy.partitionFunctions, each => keyOf(each.name));
  for (const found of functions.onlyRight) extra(to, 'partition-function', found.name);
  for (const [wanted, found] of functions.both)
    if (wanted.definition !== found.definition)
      to.item({
        ...{ kind: 'partition-function', subject: wanted.name, severity: 'note', aligned: false },
        what: `is ${wanted.definition} on production and ${found.definition} on the copy: rows lie in other partitions`,
      });
  for (const wanted of functions.onlyLeft) {
    missing(to, 'partition-function', wanted.name);
    to.change({
      ...{ phase: 'partition-function', kind: 'partition-function', subject: wanted.name },
      title: `make the partition function ${wanted.name}`,
      text: `CREATE PARTITION FUNCTION ${identifier(wanted.name)} ${wanted.definition};`,
      done: `EXISTS (SELECT 1 FROM sys.partition_functions WHERE name = ${literal(wanted.name)})`,
    });
  }
}

function compareSynonyms(to: Collector, source: Catalog, copy: Catalog, keyOf: Keying): void {
  const synonyms = paired(source.synonyms, copy.synonyms, each => keyOf(shown(each)));
  for (const found of synonyms.onlyRight) extra(to, 'synonym', shown(found));
  const make = (wanted: (typeof source.synonyms)[number], instead?: string): void => {
    const isWanted = both(
      objectExists(wanted),
      `EXISTS (SELECT 1 FROM sys.synonyms WHERE object_id = ${idText(wanted)}${instead === undefined ? '' : ` AND base_object_name <> ${literal(instead)}`})`,
    );
    const change = (phase: Phase, title: string, text: string, done: string): void =>
      to.change({ phase, kind: 'synonym', subject: shown(wanted), title, text, done });
    if (instead !== undefined)
      change(
        'drop-module',
        `drop the synonym ${shown(wanted)}, to make it again`,
        `DROP SYNONYM ${nameText(wanted)};`,
        `${not(objectExists(wanted))} OR (${isWanted})`,
      );
    change(
      'synonym',
      `make the synonym ${shown(wanted)}`,
      `CREATE SYNONYM ${nameText(wanted)} FOR ${wanted.target};`,
      isWanted,
    );
  };
  for (const [wanted, found] of synonyms.both) {
    if (wanted.target === found.target) continue;
    to.item({
      ...{ kind: 'synonym', subject: shown(wanted), severity: 'warning', aligned: true },
      what: `stands for ${wanted.target} on production and for ${found.target} on the copy`,
    });
    make(wanted, found.target);
  }
  for (const wanted of synonyms.onlyLeft) {
    missing(to, 'synonym', shown(wanted));
    make(wanted);
  }
}
