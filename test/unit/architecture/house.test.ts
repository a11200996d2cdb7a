import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MAY_IMPORT, RULES } from './rules.ts';
import { sourceFile, sourceFiles } from './source.ts';

/** The house keeps its own rules, and every rule is shown to catch what it forbids. */

const root = fileURLToPath(new URL('../../..', import.meta.url));
const files = sourceFiles(root, 'src');

describe('the house', () => {
  it.each(Object.entries(RULES))('%s', (_name, rule) => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap(rule)).toEqual([]);
  });

  it('has a floor for every room', () => {
    const rooms = readdirSync(`${root}/src`, { withFileTypes: true })
      .filter(each => each.isDirectory())
      .map(each => each.name);
    expect(Object.keys(MAY_IMPORT)).toEqual(expect.arrayContaining(rooms));
  });

  it('has no cycle between rooms', () => {
    for (const [room, below] of Object.entries(MAY_IMPORT)) {
      for (const other of below) expect(MAY_IMPORT[other], `${room} and ${other}`).not.toContain(room);
    }
  });
});

type Sample = [rule: keyof typeof RULES & string, path: string, text: string];

const FORBIDDEN: Sample[] = [
  ['imports go only downward', 'src/journal/a.ts', "import { x } from '../sync/b.ts';"],
  ['imports go only downward', 'src/journal/a.ts', "import type { X } from '../step/step.ts';"],
  ['imports go only downward', 'src/sync/movers/files/a.ts', "export { x } from '../../../build/b.ts';"],
  ['imports go only downward', 'src/sync/a.ts', "export * from '../evacuation/b.ts';"],
  ['imports go only downward', 'src/readiness/a.ts', "let x: import('../reports/shape.ts').Report;"],
  ['imports go only downward', 'src/reports/a.ts', "import { x } from '../evacuation/b.ts';"],
  ['imports go only downward', 'src/evacuation/a.ts', "const x = await import('../lab/b.ts');"],
  ['imports go only downward', 'src/cli/commands/run.ts', "const x = await import('../../lab/b.ts');"],
  ['imports go only downward', 'src/cli/rehearsal/a.ts', "import { lab } from '../../lab/b.ts';"],
  ['imports go only downward', 'src/lab/a.ts', "import { fold } from '../journal/fold.ts';"],
  ['imports go only downward', 'src/cellar/a.ts', 'export const x = 1;'],
  ['imports go only downward', 'src/main.ts', "import { x } from './cli/b.ts';"],
  ['relative imports carry their extension', 'src/sync/a.ts', "import { x } from './b';"],
  ['relative imports carry their extension', 'src/sync/a.ts', "import { x } from './b.js';"],
  [
    'no environment, arguments or exit below the command line',
    'src/sync/a.ts',
    'const home = process.env.HOME;',
  ],
  ['no environment, arguments or exit below the command line', 'src/sync/a.ts', "process['exit'](1);"],
  [
    'no environment, arguments or exit below the command line',
    'src/sync/a.ts',
    'const a = globalThis.process.argv;',
  ],
  [
    'no environment, arguments or exit below the command line',
    'src/sync/a.ts',
    "import { env } from 'node:process';",
  ],
  ['no console below the command line', 'src/plan/a.ts', "console.error('x');"],
  ['no console below the command line', 'src/plan/a.ts', 'const log = console?.log;'],
  ['no command through a shell', 'src/remote/a.ts', "import { exec } from 'node:child_process';"],
  ['no command through a shell', 'src/remote/a.ts', "import * as cp from 'child_process';"],
  ['no command through a shell', 'src/remote/a.ts', "await execa('ls', ['x'], { shell: true });"],
  ['no command through a shell', 'src/remote/a.ts', "spawn('ls', ['x'], { 'shell': '/bin/sh' });"],
  ['no command through a shell', 'src/remote/a.ts', "import { execaCommand } from 'execa';"],
  ['no command through a shell', 'src/remote/a.ts', 'await $`rm ${file}`;'],
  ['no command through a shell', 'src/remote/a.ts', 'ssh.execCommand(`cat ${path}`);'],
  ['no command through a shell', 'src/remote/a.ts', "ssh.execCommand('cat ' + path);"],
  ['trees are deleted in one place', 'src/lab/a.ts', 'await rm(path, { recursive: true, force: true });'],
  ['trees are deleted in one place', 'src/lab/a.ts', 'fs.rmSync(path, { recursive: true });'],
  ['no file over 400 lines', 'src/sync/a.ts', '//\n'.repeat(401)],
  ['named exports only', 'src/sync/a.ts', 'export default function x() {}'],
  ['named exports only', 'src/sync/a.ts', 'const x = 1; export { x as default };'],
  ['no any', 'src/sync/a.ts', 'export const x = (y: any) => y;'],
  ['no any', 'src/tui/a.tsx', 'const x = <A b={y as any} />;'],
];

const ALLOWED: Sample[] = [
  [
    'imports go only downward',
    'src/sync/a.ts',
    "import { z } from 'zod'; import { q } from '../remote/quote.ts'; import { b } from './movers/files/b.ts';",
  ],
  ['imports go only downward', 'src/cli/rehearsal/a.ts', "const { lab } = await import('../../lab/b.ts');"],
  [
    'imports go only downward',
    'src/lab/a.ts',
    "import type { Plan } from '../plan/schema.ts'; import { LandfallError } from '../foundation/errors.ts';",
  ],
  [
    'relative imports carry their extension',
    'src/tui/a.ts',
    "import { A } from './A.tsx'; import x from 'yaml';",
  ],
  ['no environment, arguments or exit below the command line', 'src/cli/main.ts', 'process.exit(1);'],
  [
    'no environment, arguments or exit below the command line',
    'src/sync/a.ts',
    "// process.env\nconst x = 'process.exit'; process.kill(pid); child.stdout;",
  ],
  ['no console below the command line', 'src/plan/a.ts', "// console.log\nconst x = { console: 'serial' };"],
  [
    'no command through a shell',
    'src/remote/a.ts',
    "import { execa } from 'execa'; import { spawn } from 'node:child_process'; await execa('ssh', ['-G', name], { shell: false }); pattern.exec(`a${b}`);",
  ],
  [
    'trees are deleted in one place',
    'src/lab/a.ts',
    'await rm(path, { force: true }); await mkdir(path, { recursive: true });',
  ],
  ['trees are deleted in one place', 'src/foundation/remove-tree.ts', 'await rm(path, { recursive: true });'],
  ['no file over 400 lines', 'src/sync/a.ts', '//\n'.repeat(400)],
  ['named exports only', 'src/sync/a.ts', 'export const x = { default: 1 };'],
  ['no any', 'src/sync/a.ts', '/** any */ export const any = (x: unknown): string => `${x} any`;'],
];

describe('the rules', () => {
  it.each(FORBIDDEN)('%s: caught in %s: %s', (rule, path, text) => {
    expect(RULES[rule]?.(sourceFile(path, text))).toHaveLength(1);
  });

  it.each(ALLOWED)('%s: left alone in %s: %s', (rule, path, text) => {
    expect(RULES[rule]?.(sourceFile(path, text))).toEqual([]);
  });

  it('show each rule failing and passing', () => {
    for (const name of Object.keys(RULES)) {
      expect(FORBIDDEN.map(([rule]) => rule)).toContain(name);
      expect(ALLOWED.map(([rule]) => rule)).toContain(name);
    }
  });

  it('name the file and the line', () => {
    const file = sourceFile('src/sync/a.ts', "\n\nconsole.log('x');\n");
    expect(RULES['no console below the command line']?.(file)).toEqual([
      'src/sync/a.ts:3 console below the command line',
    ]);
  });
});
