import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { removeTree } from '../../src/foundation/remove-tree.ts';
import { animatedSvg } from './animation.ts';
import { castText, type Tightening, tightened } from './cast.ts';
import { stopEngines } from './engines.ts';
import { type Film, film } from './film.ts';
import { SCENES } from './scenes.ts';
import { sourcesDigest } from './sources.ts';
import { svg } from './svg.ts';

const HELP = `scripts/screens/make: the pictures of the README, from a real rehearsal

Usage: scripts/screens/make [OPTIONS]

Starts landfall in a terminal of 120 columns and 36 rows with a state directory of its own, begins the pocket rehearsal
from the first screen, walks the stages by keys, and writes what was seen: stills and an animation as SVG, the recording
as an asciicast. It takes about two minutes and touches nothing else.

Options:
  --check          say whether the pictures are older than the screens' sources, and film nothing; exit 1 if so
  --out DIR        where the pictures go (default docs/screens)
  --speed X        how much faster the recording plays than it was (default 2)
  --idle SECONDS   no pause in the recording is longer (default 1)
  --landfall FILE  the program to film (default scripts/landfall of this checkout)
  --keep           leave the state directory and the engine, to look around
  -h, --help       this text
`;

/** What 300 kB of a README may cost. */
const ANIMATION_LIMIT = 300_000;
const DIGEST = 'sources.sha256';
const root = resolve(import.meta.dirname, '../..');
const say = (text: string): void => void process.stderr.write(`${text}\n`);

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    out: { type: 'string', default: join(root, 'docs/screens') },
    landfall: { type: 'string', default: join(root, 'scripts/landfall') },
    speed: { type: 'string', default: '2' },
    idle: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else if (values.check) process.exitCode = await check(values.out);
else {
  const pace = { speed: positive('--speed', values.speed), idleLimit: positive('--idle', values.idle) };
  await make(values.out, resolve(values.landfall), values.keep, pace);
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new RangeError(`${option} ${text}: it has to be a number above 0`);
}

async function check(out: string): Promise<number> {
  const [wanted, found] = await Promise.all([
    sourcesDigest(root),
    readFile(join(out, DIGEST), 'utf8').catch(() => ''),
  ]);
  if (found === wanted) return 0;
  say(`the pictures in ${out} are older than the screens' sources\n  next: scripts/screens/make`);
  return 1;
}

async function make(out: string, landfall: string, keep: boolean, pace: Tightening): Promise<void> {
  // Taken before the film: sources that change meanwhile make the pictures old.
  const digest = await sourcesDigest(root);
  // Short, because a Unix socket is made below it.
  const home = await mkdtemp('/tmp/lf-screens-');
  const env = {
    HOME: home,
    XDG_STATE_HOME: home,
    XDG_CONFIG_HOME: home,
    LANDFALL_ENGINEER: 'dana',
    PWD: home,
  };
  try {
    const seen = await film({
      command: landfall,
      args: [],
      cwd: home,
      env,
      columns: 120,
      rows: 36,
      title: 'landfall: a rehearsal',
      shots: SCENES,
      onShot: ({ mark, keys }) =>
        say(`${mark ?? ''}${keys.length === 0 ? '' : ` [${keys.join(' ')}]`}`.trim()),
    });
    if (seen.exitCode !== 0) throw new Error(`landfall ended with code ${seen.exitCode}`);
    await write(out, seen, pace);
    await writeFile(join(out, DIGEST), digest);
  } finally {
    if (keep) say(`left for you: XDG_STATE_HOME=${home}`);
    else {
      await stopEngines(landfall, home, env);
      await removeTree(home, '/tmp');
    }
  }
}

async function write(out: string, seen: Film, pace: Tightening): Promise<void> {
  await mkdir(out, { recursive: true });
  for (const { name, picture } of seen.stills) await writeFile(join(out, `${name}.svg`), svg(picture));
  const moving = animatedSvg(seen.frames, {
    title: 'landfall: a rehearsal from the first screen to verified copies',
    description:
      'Screens of one rehearsal, one after the other: the first screen, the stages, the overview while machines are ' +
      'copied and verified, help, palette, one machine, and the gates.',
  });
  if (moving.length > ANIMATION_LIMIT)
    throw new Error(`the animation has ${moving.length} bytes, more than 300 kB`);
  await writeFile(join(out, 'rehearsal.svg'), moving);
  await writeFile(join(out, 'rehearsal.cast'), castText(tightened(seen.cast, pace)));
  say(`${seen.stills.length} stills, ${seen.frames.length} screens in the animation, ${out}`);
}
