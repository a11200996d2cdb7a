import type { ProductFacts } from './product.ts';

/** An option of sp_configure as a new server has it. */
export interface OptionFacts {
  readonly id: number;
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly initial: number;
  readonly dynamic: boolean;
  readonly advanced: boolean;
}

const MOST = 2147483647;

type Line = readonly [
  id: number,
  name: string,
  minimum: number,
  maximum: number,
  initial: number,
  flags: string,
];

/** `d`: takes effect with RECONFIGURE; `a`: seen with `show advanced options` only. */
const OPTIONS: readonly Line[] = [
  [101, 'recovery interval (min)', 0, 32767, 0, 'da'],
  [102, 'allow updates', 0, 1, 0, 'd'],
  [103, 'user connections', 0, 32767, 0, 'a'],
  [106, 'locks', 5000, MOST, 0, 'a'],
  [107, 'open objects', 0, MOST, 0, 'a'],
  [109, 'fill factor (%)', 0, 100, 0, 'a'],
  [114, 'disallow results from triggers', 0, 1, 0, 'da'],
  [115, 'nested triggers', 0, 1, 1, 'd'],
  [116, 'server trigger recursion', 0, 1, 1, 'd'],
  [117, 'remote access', 0, 1, 1, ''],
  [124, 'default language', 0, 9999, 0, 'd'],
  [400, 'cross db ownership chaining', 0, 1, 0, 'd'],
  [503, 'max worker threads', 128, 65535, 0, 'da'],
  [505, 'network packet size (B)', 512, 32767, 4096, 'da'],
  [518, 'show advanced options', 0, 1, 0, 'd'],
  [542, 'remote proc trans', 0, 1, 0, 'd'],
  [544, 'c2 audit mode', 0, 1, 0, 'a'],
  [1126, 'default full-text language', 0, MOST, 1033, 'da'],
  [1127, 'two digit year cutoff', 1753, 9999, 2049, 'da'],
  [1505, 'index create memory (KB)', 704, MOST, 0, 'da'],
  [1517, 'priority boost', 0, 1, 0, 'a'],
  [1519, 'remote login timeout (s)', 0, MOST, 10, 'd'],
  [1520, 'remote query timeout (s)', 0, MOST, 600, 'd'],
  [1531, 'cursor threshold', -1, MOST, -1, 'da'],
  [1532, 'set working set size', 0, 1, 0, 'a'],
  [1534, 'user options', 0, 32767, 0, 'd'],
  [1535, 'affinity mask', -2147483648, MOST, 0, 'da'],
  [1536, 'max text repl size (B)', -1, MOST, 65536, 'd'],
  [1537, 'media retention', 0, 365, 0, 'a'],
  [1538, 'cost threshold for parallelism', 0, 32767, 5, 'da'],
  [1539, 'max degree of parallelism', 0, 32767, 0, 'da'],
  [1540, 'min memory per query (KB)', 512, MOST, 1024, 'da'],
  [1541, 'query wait (s)', -1, MOST, -1, 'da'],
  [1543, 'min server memory (MB)', 0, MOST, 0, 'da'],
  [1544, 'max server memory (MB)', 128, MOST, MOST, 'da'],
  [1545, 'query governor cost limit', 0, MOST, 0, 'da'],
  [1546, 'lightweight pooling', 0, 1, 0, 'a'],
  [1547, 'scan for startup procs', 0, 1, 0, 'a'],
  [1549, 'affinity64 mask', -2147483648, MOST, 0, 'da'],
  [1550, 'affinity I/O mask', -2147483648, MOST, 0, 'a'],
  [1551, 'affinity64 I/O mask', -2147483648, MOST, 0, 'a'],
  [1555, 'transform noise words', 0, 1, 0, 'da'],
  [1556, 'precompute rank', 0, 1, 0, 'da'],
  [1557, 'PH timeout (s)', 1, 3600, 60, 'da'],
  [1562, 'clr enabled', 0, 1, 0, 'd'],
  [1563, 'max full-text crawl range', 0, 256, 4, 'da'],
  [1564, 'ft notify bandwidth (min)', 0, 32767, 0, 'da'],
  [1565, 'ft notify bandwidth (max)', 0, 32767, 100, 'da'],
  [1566, 'ft crawl bandwidth (min)', 0, 32767, 0, 'da'],
  [1567, 'ft crawl bandwidth (max)', 0, 32767, 100, 'da'],
  [1568, 'default trace enabled', 0, 1, 1, 'da'],
  [1569, 'blocked process threshold (s)', 0, 86400, 0, 'da'],
  [1570, 'in-doubt xact resolution', 0, 2, 0, 'da'],
  [1576, 'remote admin connections', 0, 1, 0, 'd'],
  [1578, 'EKM provider enabled', 0, 1, 0, 'da'],
  [1579, 'backup compression default', 0, 1, 0, 'd'],
  [1580, 'filestream access level', 0, 2, 0, 'd'],
  [1581, 'optimize for ad hoc workloads', 0, 1, 0, 'da'],
  [1582, 'access check cache bucket count', 0, 65536, 0, 'da'],
  [1583, 'access check cache quota', 0, MOST, 0, 'da'],
  [16384, 'Agent XPs', 0, 1, 1, 'da'],
  [16386, 'Database Mail XPs', 0, 1, 0, 'da'],
  [16387, 'SMO and DMO XPs', 0, 1, 1, 'da'],
  [16388, 'Ole Automation Procedures', 0, 1, 0, 'da'],
  [16390, 'xp_cmdshell', 0, 1, 0, 'da'],
  [16391, 'Ad Hoc Distributed Queries', 0, 1, 0, 'da'],
  [16392, 'Replication XPs', 0, 1, 0, 'da'],
  [16393, 'contained database authentication', 0, 1, 0, 'd'],
];

/** Options that a later release brought. */
const LATER: readonly (readonly [release: number, option: Line])[] = [
  [2016, [16394, 'hadoop connectivity', 0, 7, 0, '']],
  [2016, [16396, 'remote data archive', 0, 1, 0, 'd']],
  [2017, [1587, 'clr strict security', 0, 1, 1, 'da']],
  [2019, [1588, 'column encryption enclave type', 0, 2, 0, '']],
  [2019, [1589, 'tempdb metadata memory-optimized', 0, 1, 0, 'a']],
  [2022, [1591, 'ADR cleaner retry timeout (min)', 0, 32767, 120, 'd']],
  [2022, [1593, 'version high part of SQL Server', -2147483648, MOST, 1048576, 'da']],
];

/** The options that a server of this release has, by id. */
export function optionsOf(product: ProductFacts): readonly OptionFacts[] {
  const later = LATER.flatMap(([release, line]) => (release <= product.release ? [line] : []));
  return [...OPTIONS, ...later]
    .map(([id, name, minimum, maximum, initial, flags]) => ({
      id,
      name,
      minimum,
      maximum,
      initial: name === 'Agent XPs' && !product.hasAgent ? 0 : initial,
      dynamic: flags.includes('d'),
      advanced: flags.includes('a'),
    }))
    .sort((left, right) => left.id - right.id);
}
