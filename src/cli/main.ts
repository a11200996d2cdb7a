#!/usr/bin/env -S node --max-semi-space-size=2
import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';

/**
 * The bin. The only place that touches the process: it reads argv, environment and streams once, hands them on as
 * data, and is the one owner of the exit code. Everything else is imported after the Node version is known to do.
 */
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `landfall needs Node 24 or newer, this is Node ${process.versions.node}.\n` +
      'next: run it through scripts/landfall, which uses the Node that scripts/setup installed beside it.\n',
  );
  process.exitCode = 1;
} else {
  process.env['NODE_ENV'] ??= 'production';
  // chalk, inside the prescribed libraries, looks at neither of these two (NO_COLOR is a promise of ours).
  if ((process.env['NO_COLOR'] ?? '') !== '' || process.env['TERM'] === 'dumb')
    process.env['FORCE_COLOR'] = '0';
  await start();
}

async function start(): Promise<void> {
  const [{ runCli }, { systemClock }, { stateHome }, { canWriteUnicode }, { default: isUnicodeSupported }] =
    await Promise.all([
      import('./run.ts'),
      import('../foundation/clock.ts'),
      import('./paths.ts'),
      import('./terminal-characters.ts'),
      import('is-unicode-supported'),
    ]);
  const { env, argv, stdout, stderr, stdin } = process;
  const abort = new AbortController();
  // An engine of its own session: nothing that happens to a terminal is meant for it.
  const isDetached = argv.includes('--detached');
  let received: NodeJS.Signals | undefined;
  let parting = 'stopping; what runs on the hosts goes on and is found again (Ctrl-C again: leave at once)';
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (isDetached && name !== 'SIGTERM') return;
      // The second signal means now: the journal is durable after every event, so nothing is lost by leaving.
      if (received !== undefined) process.exit(received === 'SIGINT' ? 130 : 143);
      received = name;
      if (name === 'SIGINT' && parting !== '') stderr.write(`\n${parting}\n`);
      abort.abort();
    });
  }
  const isEngine = isDetached || isEngineItself(argv, stdout.isTTY);
  let isUnread = false;
  const onUnwritable = (error: NodeJS.ErrnoException): void => {
    // The log of an engine is for people; a full disk must not end the engine by way of its log.
    if (isDetached || isUnread) return;
    if (error.code === 'EPIPE') {
      // A reader that went away (`landfall … | head`) is no error of ours, and no reason to leave an evacuation without
      // an end in its journal: what is under way ends as on Ctrl-C, what is short ends by itself, each with its own code.
      isUnread = true;
      abort.abort();
      return;
    }
    // EIO: the terminal itself is gone, and its SIGHUP is on the way.
    if (isEngine) return;
    if (error.code !== 'EIO') throw error;
    process.exit(143);
  };
  stdout.on('error', onUnwritable);
  stderr.on('error', onUnwritable);

  const isCi = (env['CI'] ?? '') !== '';
  const noColour = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb' || argv.includes('--no-color');
  const code = await runCli(argv.slice(2), {
    out: text => void (isUnread || stdout.write(text)),
    err: text => void (isUnread || stderr.write(text)),
    env,
    cwd: process.cwd(),
    stateHome: stateHome(env),
    columns: stdout.columns ?? 80,
    unicode: canWriteUnicode(env, isUnicodeSupported()),
    colour: !noColour && stdout.isTTY === true,
    canAnimate: stdout.isTTY === true && stderr.isTTY === true && !isCi && env['TERM'] !== 'dumb',
    canPrompt: stdin.isTTY === true && stderr.isTTY === true && !isCi,
    signal: abort.signal,
    clock: systemClock,
    random: { next: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48, bytes: count => randomBytes(count) },
    process: { pid: process.pid, host: hostname(), user: userInfo().username },
    node: process.execPath,
    execArgv: process.execArgv,
    entry: import.meta.filename,
    ...(stdin.isTTY && stdout.isTTY ? { terminal: { streams: { stdin, stdout, stderr }, stop } } : {}),
    sayOnInterrupt: text => {
      parting = text;
    },
  });
  process.exitCode =
    received === 'SIGTERM' || received === 'SIGHUP' ? 143 : received === 'SIGINT' ? 130 : code;
}

/** Whether this very process steers an evacuation, rather than showing one. */
function isEngineItself(argv: readonly string[], isTerminal: boolean): boolean {
  if (argv.includes('--foreground')) return true;
  const isShown = isTerminal && !argv.includes('--headless') && !argv.includes('--json');
  return argv[2] === 'rehearse' && !isShown;
}

/** The whole job, as Ctrl-Z in a shell: `landfall | tee` stops with it. */
function stop(): Promise<void> {
  return new Promise(resolve => {
    process.once('SIGCONT', () => resolve());
    process.kill(0, 'SIGTSTP');
  });
}
