import { createHash } from 'node:crypto';
import type { PackageFacts } from '../../../journal/facts-survey.ts';
import type { Answers } from '../learn.ts';
import { shown } from './rows.ts';

const KEPT_HELD = 100;

export interface Installed {
  readonly name: string;
  readonly version: string;
  readonly held: boolean;
  readonly line: string;
}

/** What is installed, as a number and a digest that changes with any of it. */
export function readPackages(answers: Answers): PackageFacts | undefined {
  const held = answers.learn('packages that are held back', 'packages-held', text =>
    text.split('\n').filter(line => /^\S+$/.test(line)),
  );
  return answers.learn(
    'packages',
    'packages',
    text => packagesOf(text, held ?? []),
    'dpkg-query -W or rpm -qa',
  );
}

function packagesOf(text: string, locked: readonly string[]): PackageFacts | undefined {
  const manager = managerOf(text);
  if (manager === undefined) return undefined;
  const installed = installedOf(text);
  // A package manager without a single package is an answer that was not understood.
  if (manager !== 'none' && installed.length === 0) return undefined;
  const held = new Set([...installed.filter(each => each.held).map(({ name }) => name), ...locked]);
  const list = installed.map(({ line }) => line).sort();
  return {
    manager,
    count: installed.length,
    digest: createHash('sha256').update(list.join('\n')).digest('hex'),
    ...(held.size === 0
      ? {}
      : {
          held: [...held]
            .map(name => shown(name, 100))
            .sort()
            .slice(0, KEPT_HELD),
        }),
  };
}

function managerOf(text: string): PackageFacts['manager'] | undefined {
  const name = text.slice(0, text.indexOf('\n')).trim();
  return name === 'dpkg' || name === 'rpm' || name === 'apk' || name === 'pacman' || name === 'none'
    ? name
    : undefined;
}

/** `STATE<tab>NAME<tab>VERSION<tab>ARCHITECTURE`; of dpkg's state the second letter tells whether it is there. */
export function installedOf(text: string): Installed[] {
  return text.split('\n').flatMap(line => {
    const [, state = '', name = '', version = '', architecture = ''] =
      /^([a-z][a-z][A-Z ]?)\t([^\t\s]+)\t([^\t\s]+)\t([^\t\s]*)$/.exec(line) ?? [];
    if (name === '' || state[1] !== 'i') return [];
    return [{ name, version, held: state.startsWith('h'), line: `${name} ${version} ${architecture}` }];
  });
}
