#!/usr/bin/env node
/**
 * Writes docs/keys.md from the key map of the screens.
 * With --check it writes nothing and fails where the file is not current.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keysPage } from '../src/tui/keys-page.ts';

const file = fileURLToPath(new URL('../docs/keys.md', import.meta.url));
const wanted = keysPage();

if (!process.argv.includes('--check')) {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, wanted);
  process.stdout.write('docs/keys.md is written\n');
} else if ((await readFile(file, 'utf8').catch(() => '')) !== wanted) {
  process.stderr.write('docs/keys.md is not current: run "node scripts/keys-doc.ts"\n');
  process.exitCode = 1;
}
