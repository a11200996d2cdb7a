import { harmless } from '../../foundation/text.ts';
import type { HotFileFacts } from '../../journal/facts.ts';
import { answered, type Sections } from './sections.ts';

/** How many files the facts keep, and of one process. */
const KEPT = 60;
const KEPT_OF_PROCESS = 12;

const ENGINES: readonly (readonly [engine: string, path: RegExp, process?: RegExp])[] = [
  ['InnoDB', /\.ibd$|\/(?:ib_logfile\d+|ibdata\d+|undo_\d+)$|\/#innodb_redo\//],
  ['MyISAM or Aria', /\.(?:frm|MYD|MYI)$|\/aria_log[._]/],
  ['PostgreSQL', /\/(?:pg_wal|pg_xact|pgdata)\/|\/(?:base|global)\/\d+/, /^(?:postgres|postmaster)/],
  ['SQL Server', /\.[mnl]df$/],
  ['MongoDB', /\.wt$|\/WiredTiger/],
  ['etcd', /\/member\/(?:snap|wal)\//],
  ['Redis', /\/dump\.rdb$|\/appendonly\.aof/],
  ['Elasticsearch', /\/nodes\/\d+\/|\/indices\/[^/]+\/\d+\/index\//],
  ['RocksDB', /\.sst$/],
  ['Oracle', /\.dbf$/],
  ['InfluxDB', /\.tsm$/],
  ['Firebird', /\.[gf]db$/],
  ['Berkeley DB', /\.bdb$|\/__db\.\d+$/],
  ['LMDB', /\/data\.mdb$/],
  ['SQLite', /[-.](?:wal|shm)$/],
];

/** `process<tab>path`, one a line: open files whose live copy is torn. Absent where nobody could look. */
export function readHotFiles(sections: Sections): HotFileFacts[] | undefined {
  const text = answered(sections, 'hot-files');
  return text === undefined ? undefined : parseHotFiles(text);
}

export function parseHotFiles(text: string): HotFileFacts[] {
  const kept = new Map<string, number>();
  const seen = new Set<string>();
  const found: HotFileFacts[] = [];
  for (const line of text.split('\n')) {
    const tab = line.indexOf('\t');
    const raw = line.slice(tab + 1);
    if (tab < 0 || !raw.startsWith('/') || seen.has(raw)) continue;
    seen.add(raw);
    const process = harmless(line.slice(0, tab)).slice(0, 64);
    const engine = engineOf(raw, process);
    const count = kept.get(process) ?? 0;
    if (engine === undefined || count >= KEPT_OF_PROCESS || found.length >= KEPT) continue;
    kept.set(process, count + 1);
    found.push({ path: harmless(raw).slice(0, 1000), engine, process });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** A path like `base/1234` is a database's only where a database has it open. */
const engineOf = (path: string, process: string): string | undefined =>
  ENGINES.find(([, name, who]) => name.test(path) && (who === undefined || who.test(process)))?.[0];
