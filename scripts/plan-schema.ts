#!/usr/bin/env node
/**
 * Writes plans/plan.schema.json from the schema of the code, for editors.
 * With --check it writes nothing and fails where the file is not current.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { planJsonSchemaText } from '../src/plan/json-schema.ts';

const file = fileURLToPath(new URL('../plans/plan.schema.json', import.meta.url));
const wanted = planJsonSchemaText();

if (!process.argv.includes('--check')) {
  await writeFile(file, wanted);
  process.stdout.write('plans/plan.schema.json is written\n');
} else if ((await readFile(file, 'utf8').catch(() => '')) !== wanted) {
  process.stderr.write('plans/plan.schema.json is not current: run "node scripts/plan-schema.ts"\n');
  process.exitCode = 1;
}
