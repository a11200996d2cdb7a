import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { homeOf, mapPath, unmapPath } from '../hosts/mounts.ts';
import { MARK } from '../hosts/processes.ts';
import { simpleWords } from '../hosts/shell-words.ts';
import { simulatedTools } from '../hosts/shims.ts';
import type { SimHost, World } from '../world/world.ts';

/** Decides what a command line means on a host, and starts it as a real process where it is one. */

export type Command =
  | { readonly kind: 'simulated'; readonly tool: string; readonly args: readonly string[] }
  | { readonly kind: 'process'; readonly file: string; readonly args: readonly string[] }
  /** ssh2 hands commands over as text: bytes that are no UTF-8 are already lost, and running the rest would lie. */
  | { readonly kind: 'unreadable' };

const SYSTEM_BIN = /^\/(?:usr\/)?s?bin\/([^/]+)$/;

/** `sudo -n -- command`: the lab's users are root already. */
function withoutSudo(words: readonly string[]): readonly string[] {
  if (words[0] !== 'sudo') return words;
  const rest = words.slice(1);
  while (rest[0] === '-n') rest.shift();
  if (rest[0] === '--') rest.shift();
  return rest.length === 0 || rest[0]?.startsWith('-') ? words : rest;
}

export function understand(world: World, host: SimHost, line: string): Command {
  if (line.includes('�')) return { kind: 'unreadable' };
  // Builtins, unknown words and everything that is more than one plain command: the real sh knows what they mean.
  const shell: Command = {
    kind: 'process',
    file: path.join(host.directory, 'bin', 'sh'),
    args: ['-c', ownScript(world, host, line)],
  };
  const simple = simpleWords(line);
  if (simple === undefined) return shell;
  const [word = '', ...args] = withoutSudo(simple);
  const name = SYSTEM_BIN.exec(word)?.[1] ?? word;
  if (simulatedTools(host).includes(name)) return { kind: 'simulated', tool: name, args };
  const file = name.includes('/')
    ? mapPath(world.directory, host.mounts, name)
    : path.join(host.directory, 'bin', name);
  return existsSync(file)
    ? { kind: 'process', file, args: args.map(word => ownScript(world, host, word)) }
    : shell;
}

/**
 * A script as it can run on a simulated host. Scripts add the administrators' directories to PATH: here they are the
 * same as all others, and those of the machine that runs the lab must not come in. A pattern is looked up by the shell
 * itself, so its directory is the lab's own.
 */
export function ownScript(world: World, host: SimHost, script: string): string {
  const links = `${mapPath(world.directory, host.mounts, '/sys/class/net')}/`;
  const keys = `${mapPath(world.directory, host.mounts, '/etc/ssh')}/`;
  return script
    .replace(/\bPATH=\$PATH:[^\s;'"]+/g, 'PATH=$PATH')
    .replace(/(?<![\w"'}])\/sys\/class\/net\/(?=\*)/g, () => links)
    .replace(/(?<![\w"'}])\/etc\/ssh\/(?=ssh_host_\*)/g, () => keys);
}

/**
 * What was asked for, as a forced command sees it. A directory among the forced command's own words reaches its script as
 * the lab has it; the same directory in what was asked has to be the same word.
 */
export function askedOf(world: World, host: SimHost, forced: string, asked: string): string {
  const directories = (simpleWords(forced) ?? []).slice(2).filter(word => word.startsWith('/'));
  return directories.reduce((text, word) => {
    const own = unmapPath(host.mounts, word);
    return text.replaceAll(own, () => mapPath(world.directory, host.mounts, own));
  }, asked);
}

export interface Peer {
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** The environment of a login: nothing of the lab's own leaks in, and PATH holds the host's tools only. */
export function environment(world: World, host: SimHost, peer: Peer | undefined): Record<string, string> {
  const home = homeOf(world, host);
  return {
    PATH: path.join(host.directory, 'bin'),
    HOME: home,
    PWD: home,
    USER: 'root',
    LOGNAME: 'root',
    SHELL: '/bin/sh',
    LC_ALL: 'C',
    TMPDIR: path.join(host.directory, 'fs', 'tmp'),
    [MARK]: `${world.labId}/${host.id}`,
    ...(peer === undefined
      ? {}
      : {
          SSH_CLIENT: `${peer.remoteAddress} ${peer.remotePort} ${world.port}`,
          SSH_CONNECTION: `${peer.remoteAddress} ${peer.remotePort} ${host.address} ${world.port}`,
        }),
  };
}

/** Starts it in a session of its own, so that its whole group can be signalled. */
export function startProcess(
  world: World,
  host: SimHost,
  command: Extract<Command, { kind: 'process' }>,
  env: Record<string, string>,
): ChildProcess {
  return spawn(command.file, [...command.args], {
    cwd: homeOf(world, host),
    env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}
