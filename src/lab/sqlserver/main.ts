import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { systemClock } from '../../foundation/clock.ts';
import { createPair, type Pair, type PairOptions, PRODUCTION } from './pair.ts';
import { PRODUCTS, type ProductName } from './server/products.ts';

/** `npm run lab:sql`: a pair of SQL Server doubles for whoever wants to point a tool at one. It ends with Ctrl-C. */

const HELP = `SQL Server double: production in Miami and a development clone in Dallas, on loopback.

usage: npm run lab:sql -- [options]

  --rows N             about so many rows (1000 to 5000000; default 20000)
  --seed N             the same seed gives the same rows and the same writers (default 1)
  --traffic N          so many writers work on production (default 0)
  --per-second N       actions a second of all writers together (default: 20)
  --publisher PRODUCT  ${Object.keys(PRODUCTS).join(', ')}
                       (default 2022-enterprise)
  --subscriber PRODUCT (default 2022-standard)
  --ports A,B          of publisher and subscriber (default: any free ones)
  --encrypt            refuse connections without TLS; its certificate is made for this lab
  --password TEXT      of sa (default: Landfall.lab.1)
  --directory PATH     where the databases are kept; without it a new temporary one is made
  --supervised         end when standard input ends, as well
  --json               one JSON object with names, addresses and logins as soon as both are ready
  --help

example
  npm run lab:sql -- --rows 200000 --traffic 4
  then connect any SQL Server client to the printed address; database ${PRODUCTION}, login sa
`;

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** @throws RangeError with what is wrong */
function wholeNumber(name: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < low || value > high)
    throw new RangeError(`--${name} takes a whole number from ${low} to ${high}, not "${text}"`);
  return value;
}

function product(name: string, text: string): ProductName {
  const found = Object.keys(PRODUCTS).find((each): each is ProductName => each === text);
  if (found === undefined)
    throw new RangeError(`--${name} takes one of ${Object.keys(PRODUCTS).join(', ')}, not "${text}"`);
  return found;
}

const PAUSE_MS = 2000;

/** Says every two seconds how far a server's database is, with rate and time left. */
function meter(): PairOptions['building'] {
  const began = new Map<string, number>();
  let told = 0;
  return (server, done, total) => {
    const now = systemClock.monotonic();
    const start = began.get(server) ?? now;
    if (!began.has(server)) {
      began.set(server, now);
      say(`${server}: building ${PRODUCTION} with ${total} rows`);
    }
    if (now - told < PAUSE_MS && done < total) return;
    told = now;
    const rate = (1000 * done) / Math.max(1, now - start);
    const left = Math.ceil((total - done) / Math.max(1, rate));
    say(`${server}: ${done} of ${total} rows, ${Math.round(rate)} rows/s, ${left} s left`);
  };
}

function read() {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
      traffic: { type: 'string', default: '0' },
      'per-second': { type: 'string', default: '20' },
      publisher: { type: 'string', default: '2022-enterprise' },
      subscriber: { type: 'string', default: '2022-standard' },
      ports: { type: 'string', default: '0,0' },
      encrypt: { type: 'boolean', default: false },
      password: { type: 'string', default: 'Landfall.lab.1' },
      directory: { type: 'string' },
      json: { type: 'boolean', default: false },
      supervised: { type: 'boolean', default: false },

      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [first = '0', second = '0'] = values.ports.split(',');
  const options: PairOptions = {
    directory: values.directory ?? mkdtempSync(join(tmpdir(), 'landfall-sql-lab-')),
    publisher: product('publisher', values.publisher),
    subscriber: product('subscriber', values.subscriber),
    rows: wholeNumber('rows', values.rows, 1000, 5_000_000),
    seed: wholeNumber('seed', values.seed, 0, 2 ** 31),
    ports: [wholeNumber('ports', first, 0, 65_535), wholeNumber('ports', second, 0, 65_535)],
    password: values.password,
    encryption: values.encrypt ? 'required' : 'off',
    clock: systemClock,
    building: meter(),
  };
  return {
    ...{ options, json: values.json, help: values.help, supervised: values.supervised },
    writers: wholeNumber('traffic', values.traffic, 0, 64),
    perSecond: wholeNumber('per-second', values['per-second'], 1, 10_000),
  };
}

/** What the lab that has started it may order, one word after another, a line each. */
function obey(pair: Pair): void {
  createInterface({ input: process.stdin }).on('line', line => {
    if (line !== 'lose publisher') return;
    pair.losePublisher().then(
      () => process.stdout.write(`${JSON.stringify({ lost: 'publisher' })}\n`),
      (error: unknown) => say(String(error)),
    );
  });
}

async function run(): Promise<void> {
  const wanted = read();
  if (wanted.help) {
    process.stdout.write(HELP);
    return;
  }
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end());
  if (wanted.supervised) process.stdin.resume().once('close', () => end());
  const pair = await createPair(wanted.options);
  if (wanted.writers > 0) pair.startTraffic(wanted.writers, wanted.perSecond);
  const servers = [pair.publisher, pair.subscriber].map(({ name, host, port, instance }) => ({
    ...{ name, host, port, product: instance.product.edition, version: instance.product.release },
    ...{
      database: PRODUCTION,
      user: 'sa',
      password: wanted.options.password,
      encrypt: wanted.options.encryption !== 'off',
    },
  }));
  if (wanted.json)
    process.stdout.write(
      `${JSON.stringify({ double: true, directory: wanted.options.directory, servers })}\n`,
    );
  for (const { name, host, port, product: edition, version } of servers)
    say(
      `SQL Server double ${name}: ${host},${port}  (${version} ${edition}), login sa, database ${PRODUCTION}`,
    );
  say(`files: ${wanted.options.directory}`);
  say('ends with Ctrl-C');
  if (wanted.supervised) obey(pair);
  await ended;
  say('ending');
  const report = await pair.close();
  if (report !== undefined) say(`traffic: ${JSON.stringify(report)}`);
}

try {
  await run();
} catch (error) {
  say(
    error instanceof RangeError || error instanceof TypeError
      ? `lab:sql: ${error.message}\nhelp: npm run lab:sql -- --help`
      : `lab:sql: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  process.exitCode = error instanceof RangeError || error instanceof TypeError ? 2 : 1;
}
