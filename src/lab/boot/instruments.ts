import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { homeOf, mapPath } from '../hosts/mounts.ts';
import { quote } from '../hosts/shell-words.ts';
import { environment, ownScript } from '../ssh/command.ts';
import type { SimHost, World } from '../world/world.ts';

/** Units that were put into a copy are really run: their commands are scripts, and the copy has the lab's tools. */

/** Files behind the devices of the copy's serial ports, by device. */
export type Lines = ReadonlyMap<string, string>;

/** The words of each `ExecStart=`, by the quoting of systemd; a leading `-` allows it to fail. */
export function commandsOf(unit: string): string[][] {
  return [...unit.matchAll(/^ExecStart=[-@+!:]*(.*)$/gm)].map(([, line = '']) =>
    [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(
      ([, double, single, plain]) => double?.replace(/\\(.)/g, '$1') ?? single ?? plain ?? '',
    ),
  );
}

/**
 * A script as it can run on a simulated host: programs are the host's own, what goes to a serial line is added to its
 * file, and scripts that it starts are translated likewise.
 */
export function translate(script: string, host: SimHost, world: World, lines: Lines): string {
  const redirected = script.replace(
    />{1,2}\s*"?(\/dev\/(?:ttyS\d|kmsg|console))"?/g,
    (all, device: string) => {
      const file = lines.get(device);
      return file === undefined ? all : `>> ${quote(file)}`;
    },
  );
  const started = redirected
    .replace(/(?<!#!)\/(?:usr\/)?bin\/sh(?=\s)/g, 'sh')
    .replace(/\/etc\/[\w./-]+\.sh\b/g, file => {
      const source = mapPath(world.directory, host.mounts, file);
      if (!existsSync(source)) return file;
      const scripts = path.join(host.directory, 'lib', 'scripts');
      mkdirSync(scripts, { recursive: true });
      const copy = path.join(scripts, path.basename(file));
      writeFileSync(copy, translate(readFileSync(source, 'utf8'), host, world, lines), { mode: 0o700 });
      return copy;
    });
  return ownScript(world, host, started);
}

/** Runs one unit to its end; what it prints outside of its serial lines is the journal's, which nobody reads here. */
export async function runUnit(
  world: World,
  host: SimHost,
  text: string,
  lines: Lines,
  signal: AbortSignal,
): Promise<void> {
  for (const [program = '', ...args] of commandsOf(text)) {
    const file = path.join(host.directory, 'bin', path.basename(program));
    if (!existsSync(file)) continue;
    const child = spawn(
      file,
      args.map(word => translate(word, host, world, lines)),
      {
        cwd: homeOf(world, host),
        env: environment(world, host, undefined),
        detached: true,
        stdio: 'ignore',
      },
    );
    const kill = (): boolean => child.kill('SIGKILL');
    signal.addEventListener('abort', kill, { once: true });
    await once(child, 'close');
    signal.removeEventListener('abort', kill);
    signal.throwIfAborted();
  }
}
