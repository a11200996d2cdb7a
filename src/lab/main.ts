import { mkdirSync, realpathSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { harmless } from '../foundation/text.ts';
import { serveControl } from './control/server.ts';
import { CLAIMED_EXIT, type Claim, claimDirectory } from './directory/claim.ts';
import { type LabFile, readLabFile, writeLabFile } from './directory/lab-file.ts';
import { forgetSocket, socketPath } from './directory/sockets.ts';
import { startTicks } from './hosts/processes.ts';
import { createLab, type Lab } from './lab.ts';

/**
 * A lab as a process of its own, so that a killed rehearsal leaves its simulated hosts alive. It is a program: it reads
 * its own argv, and its log is its standard output. It ends by request, by signal, or when nobody needed it for a while.
 */

const { values } = parseArgs({
  options: {
    directory: { type: 'string' },
    seed: { type: 'string', default: '1' },
    scale: { type: 'string', default: '1' },
    name: { type: 'string', default: 'pocket-rehearsal' },
    'link-bytes': { type: 'string' },
    'boot-ms': { type: 'string', default: '300' },
    machines: { type: 'string' },
    'database-rows': { type: 'string', default: '0' },
    'restless-mail': { type: 'boolean', default: false },
    'idle-ms': { type: 'string', default: String(15 * 60_000) },
  },
});

const log = (line: string): void => {
  process.stdout.write(`${new Date().toISOString()} ${harmless(line)}\n`);
};

function open(directory: string, claim: Claim): Promise<Lab> {
  return createLab({
    directory,
    claim,
    seed: Number(values.seed),
    scale: Number(values.scale),
    planName: values.name,
    linkBytesPerSecond: values['link-bytes'] === undefined ? null : Number(values['link-bytes']),
    bootMs: Number(values['boot-ms']),
    mailConverges: !values['restless-mail'],
    databaseRows: Number(values['database-rows']),
    ...(values.machines === undefined ? {} : { machines: values.machines.split(',') }),
    log,
  });
}

async function serve(): Promise<void> {
  if (values.directory === undefined) throw new Error('--directory is missing');
  mkdirSync(values.directory, { recursive: true, mode: 0o700 });
  const directory = realpathSync(values.directory);
  const claim = await claimDirectory(directory);
  if (claim === undefined) {
    log('another process has the lab open');
    process.exitCode = CLAIMED_EXIT;
    return;
  }
  const lab = await open(directory, claim);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const path = socketPath(directory, 'control.sock');
  const control = await serveControl(lab, path, end);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end());

  const isOurs = (): boolean => readLabFile(directory)?.labId === lab.labId;
  const setProcess = (served: LabFile['process']): void => {
    const file = readLabFile(directory);
    if (file?.labId === lab.labId) writeLabFile(directory, { ...file, process: served });
  };
  setProcess({ pid: process.pid, startTicks: startTicks(process.pid) ?? 0, control: path });
  log(`ready on port ${lab.port}, pid ${process.pid}`);

  const idleMs = Number(values['idle-ms']);
  let needed = performance.now();
  const watch = setInterval(
    () => {
      if (control.clients() > 0 || lab.connections() > 0) needed = performance.now();
      if (!isOurs()) {
        log('the directory of the lab is gone');
        end();
      } else if (performance.now() - needed > idleMs) {
        log('nobody needs the lab');
        end();
      }
    },
    Math.min(1000, idleMs / 4),
  );

  await ended;
  clearInterval(watch);
  // Who comes from here on starts a lab of his own, and waits for that until this one is gone.
  setProcess(null);
  await control.close();
  forgetSocket(directory, path);
  await lab.close();
  log('ended');
}

try {
  await serve();
} catch (error) {
  log(`failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = 1;
}
