import { readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { LandfallError } from '../foundation/errors.ts';
import type { Io } from './io.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** `$XDG_STATE_HOME/landfall`, by default `~/.local/state/landfall`; landfall writes nowhere else unless told to. */
export function stateHome(env: Env): string {
  const xdg = env['XDG_STATE_HOME'];
  return join(xdg?.startsWith('/') ? xdg : join(env['HOME'] ?? '/', '.local/state'), 'landfall');
}

/** The directory of all evacuations: --state, then LANDFALL_STATE, then the XDG place. */
export function evacuationsRoot(io: Io, option: string | undefined): string {
  return resolve(io.cwd, option ?? io.env['LANDFALL_STATE'] ?? join(io.stateHome, 'evacuations'));
}

/** The ssh_config asked for on the command line or in the environment; the plan may still name its own. */
export function sshConfigOption(io: Io, option: string | undefined): string | undefined {
  const chosen = option ?? io.env['LANDFALL_SSH_CONFIG'];
  return chosen === undefined || chosen === '' ? undefined : resolve(io.cwd, chosen);
}

/** The plan file: the argument, then LANDFALL_PLAN, then the only YAML file in ./plans. */
export async function planFile(io: Io, argument: string | undefined): Promise<string> {
  const named = argument ?? io.env['LANDFALL_PLAN'];
  if (named !== undefined && named !== '') return resolve(io.cwd, named);
  const folder = join(io.cwd, 'plans');
  const found = (await readdir(folder).catch(() => [])).filter(file => /\.ya?ml$/.test(file));
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return join(folder, only);
  throw new LandfallError('usage', {
    what:
      found.length === 0
        ? 'no plan was named, and ./plans holds none'
        : `no plan was named, and ./plans holds ${found.length}`,
    next: [
      found.length === 0
        ? 'name one: landfall check path/to/plan.yaml'
        : `name one of: ${found.map(f => `plans/${f}`).join(', ')}`,
      'or set LANDFALL_PLAN',
    ],
  });
}

/** A path as the engineer would type it from here. */
export function shortPath(io: Io, path: string): string {
  const near = relative(io.cwd, path);
  return near === '' || near.startsWith('..') ? path : near;
}
