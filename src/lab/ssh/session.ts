import type { ChildProcess } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import type { Connection, ServerChannel } from 'ssh2';
import { signalOne } from '../hosts/processes.ts';
import type { ToolBox } from '../tools/tool-box.ts';
import { type Answer, answer, refusal, type SimHost, type World } from '../world/world.ts';
import { askedOf, environment, type Peer, startProcess, understand } from './command.ts';

/** One exec request: from the command line to the exit status. */

export interface SessionPlace {
  readonly world: World;
  readonly host: SimHost;
  readonly peer: Peer;
  readonly tools: ToolBox;
  readonly client: Connection;
}

function finish(channel: ServerChannel, { stdout, stderr, code }: Answer): void {
  channel.stderr.write(stderr);
  channel.write(stdout);
  channel.exit(code);
  channel.end();
}

/** Joins a process to the channel. When the connection goes, its group is hung up, as a terminal would. */
function join(place: SessionPlace, channel: ServerChannel, child: ChildProcess): void {
  const { world, host, client, tools } = place;
  const { stdin, stdout, stderr, pid } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('a process without pipes');
  let ended = false;
  const hangUp = (): void => {
    if (!ended && pid !== undefined) signalOne(-pid, 'SIGHUP');
  };
  // EPIPE on its standard input only says that the command did not want to read it.
  stdin.on('error', () => channel.resume());
  channel.on('error', hangUp);
  channel.on('close', hangUp);
  client.once('close', hangUp);
  channel.pipe(stdin);
  stdout.pipe(channel, { end: false });
  tools.complaints(host, stderr).pipe(channel.stderr, { end: false });
  child.on('error', error => {
    ended = true;
    finish(channel, refusal(`sh: 1: ${error.message}\n`, 126));
  });
  child.on('close', (code, signal) => {
    if (ended) return;
    ended = true;
    client.removeListener('close', hangUp);
    if (signal !== null) channel.exit(signal.replace(/^SIG/, ''), false, '');
    else channel.exit(code ?? 0);
    channel.end();
    // A command that ends without reading all of its input must not leave the channel half open.
    channel.resume();
    if (code === 126) world.log(`${host.id}: a command could not be started`);
  });
}

/** A forced command runs instead of what the client asked for, and may look at that. */
export function runOnChannel(
  place: SessionPlace,
  channel: ServerChannel,
  asked: string,
  forced: string | undefined,
): void {
  const { world, host, peer, tools } = place;
  const command = understand(world, host, forced ?? asked);
  switch (command.kind) {
    case 'unreadable':
      finish(channel, refusal('sh: the lab can only run commands that are UTF-8\n', 126));
      return;
    case 'simulated': {
      const { tool, args } = command;
      const needsInput = tool === 'sfdisk' && !args.includes('--dump');
      (needsInput ? buffer(channel) : Promise.resolve(Buffer.alloc(0)))
        .then(stdin => tools.run({ host, tool, args, stdin }))
        .catch((error: unknown) => {
          world.log(`${host.id}: ${tool}: ${String(error)}`);
          return answer('', 70, `${tool}: the lab failed: ${String(error)}\n`);
        })
        .then(result => {
          channel.resume();
          finish(channel, result);
        })
        .catch((error: unknown) => world.log(`${host.id}: ${tool}: ${String(error)}`));
      return;
    }
    case 'process': {
      const env = environment(world, host, peer);
      const full =
        forced === undefined ? env : { ...env, SSH_ORIGINAL_COMMAND: askedOf(world, host, forced, asked) };
      join(place, channel, startProcess(world, host, command, full));
    }
  }
}
