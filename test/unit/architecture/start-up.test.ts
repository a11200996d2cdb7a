import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importsOf, sourceFile } from './source.ts';

/** Most of what a short command costs is loading modules: a shell prompt may call `status`, and everybody `--help`. */

/** Packages that a file loads as soon as it is imported, with the way to each; `import()` and types cost nothing. */
function packagesLoadedBy(entry: string): Map<string, string> {
  const found = new Map<string, string>();
  const visited = new Set<string>();
  const visit = (path: string, way: string): void => {
    if (visited.has(path)) return;
    visited.add(path);
    for (const { specifier, dynamic, typeOnly } of importsOf(sourceFile(path, readFileSync(path, 'utf8')))) {
      if (dynamic || typeOnly || specifier.startsWith('node:')) continue;
      if (specifier.startsWith('.')) visit(join(path, '..', specifier), `${way} > ${specifier}`);
      else found.set(specifier, way);
    }
  };
  visit(entry, entry);
  return found;
}

test('help loads the parser and nothing else', () => {
  const loaded = ['run', 'parse', 'commands/index'].flatMap(file => [
    ...packagesLoadedBy(`src/cli/${file}.ts`),
  ]);
  expect(loaded.filter(([name]) => name !== 'commander')).toEqual([]);
  expect(loaded.map(([name]) => name)).toContain('commander');
});

const packagesOf = (...files: string[]): string[] =>
  [...new Set(files.flatMap(file => [...packagesLoadedBy(`src/${file}`)].map(([name]) => name)))].sort();

test('the first frame waits for nothing that draws, or that reads plans, journals or hosts', () => {
  const first = ['cli/run.ts', 'cli/ui.ts', 'cli/ui/theme.ts', 'cli/ui/services.ts', 'tui/first-frame.ts'];
  expect(packagesOf(...first)).toEqual(['string-width']);
  expect(packagesOf(...first, 'tui/open.tsx')).toEqual(['ink', 'react', 'string-width']);
});

test('status loads nothing that talks to hosts or draws a live list', () => {
  const packages = packagesLoadedBy('src/cli/recorded.ts');
  expect(packages.has('zod')).toBe(true);
  for (const heavy of ['ssh2', 'node-ssh', 'execa', 'listr2', 'fast-xml-parser', 'p-queue']) {
    expect(packages.get(heavy)).toBeUndefined();
  }
});

test('the screens load what draws them, and leave hosts, plans and schemas for when a key asks for them', () => {
  const packages = packagesLoadedBy('src/tui/open.tsx');
  const expected = ['ink', 'react', 'string-width'];
  expect([...packages].filter(([name]) => !expected.includes(name))).toEqual([]);
});
