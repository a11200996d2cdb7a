import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { membersOf, unwrap } from '../../../src/evidence/archive.ts';
import { type Packed, type PackOptions, pack } from '../../../src/evidence/index.ts';
import { createRedactor } from '../../../src/foundation/redact.ts';
import { type RecordedEvacuation, recordedEvacuation } from '../../support/recorded-evacuation.ts';

export const PASSWORD = 'planted-hunter2';

/** An evacuation with a proof, a pass, a waiver and logs, and secrets where hosts and people leave them. */
export async function proven(): Promise<RecordedEvacuation> {
  const evacuation = await recordedEvacuation();
  const keep = (path: string, text: string): void => {
    mkdirSync(join(evacuation.directory, path, '..'), { recursive: true });
    writeFileSync(join(evacuation.directory, path), Buffer.from(text, 'latin1'));
  };
  keep('logs/web1-proof-1-console.log', `login: \xff boot\nPASSWORD=${PASSWORD}\n`);
  keep('logs/pass-1.log', `connected with ${PASSWORD}\n`);
  keep('logs/Orders/besides.sql', 'CREATE LOGIN shop WITH PASSWORD = 0x0200AB HASHED;\n');
  await evacuation.append({
    type: 'proof.ended',
    ...{ machine: 'web1', proof: 1, pass: 1, verdict: 'proven', startedAt: 1, ms: 1, checks: [] },
    console: 'web1-proof-1-console.log',
  });
  await evacuation.append({
    type: 'pass.ended',
    ...{
      machine: 'web1',
      pass: 1,
      kind: 'full',
      mover: 'files',
      consistency: 'smeared',
      startedAt: 1,
      ms: 1,
    },
    hot: [],
    runs: [
      {
        ...{ mountpoint: '/', job: 'pass-1', code: 0, files: 1, filesTransferred: 1, filesDeleted: 0 },
        ...{ totalBytes: 1, transferredBytes: 1, literalBytes: 1, matchedBytes: 0, sentBytes: 1 },
        ...{ receivedBytes: 1, listSeconds: 0, ms: 1, vanished: 0, troubles: [] },
      },
    ],
  });
  await evacuation.append(
    { type: 'gate.waived', gate: 'machine/web1/time', reason: 'NTP is out', until: 1e13 },
    'dana@jump1',
  );
  return evacuation;
}

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'lf-evidence-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

export async function packed(
  evacuation: RecordedEvacuation,
  overrides: Partial<PackOptions> = {},
): Promise<Packed & { readonly members: Map<string, Buffer> }> {
  const redactor = createRedactor();
  redactor.learn(PASSWORD);
  const result = await pack({
    ...{ evacuation: evacuation.name, directory: evacuation.directory, at: Date.UTC(2026, 10, 22) },
    planText: readFileSync(join(evacuation.directory, 'plan.yaml'), 'utf8'),
    documents: { 'record.json': '{}\n' },
    ...{ by: 'dana@jump1', landfall: '0', redactor, secrets: [PASSWORD], scratch: folder() },
    ...overrides,
  });
  return { ...result, members: membersOf(unwrap(result.archive)) };
}
