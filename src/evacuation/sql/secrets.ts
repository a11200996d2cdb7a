import { readFile, stat } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { LandfallError } from '../../foundation/errors.ts';
import type { Redactor } from '../../foundation/redact.ts';
import type { LoadedPlan } from '../../plan/read.ts';
import type { Plan } from '../../plan/schema.ts';

/** Where secrets come from: the environment that the caller hands in, and files beside the plan. */
export interface SecretSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly redactor: Redactor;
}

/** The value of a secret by what the plan calls it: `env:NAME`. */
export type Secrets = (reference: string) => string;

interface Named {
  readonly reference: string;
  /** `databases.Orders.publisher.password`. */
  readonly at: string;
}

/** Every secret that the databases of a plan name. */
export const namedSecrets = (plan: Pick<Plan, 'databases'>): Named[] =>
  Object.entries(plan.databases).flatMap(([name, { publisher, subscriber, distributor, agents }]) =>
    Object.entries({ publisher, subscriber, distributor, agents }).flatMap(([role, account]) =>
      account === undefined
        ? []
        : [{ reference: account.password, at: `databases.${name}.${role}.password` }],
    ),
  );

/**
 * Reads every secret that the databases need, at once, and teaches the redactor before anybody else sees one. Throws
 * `secret.absent` with all that are missing: it is asked before anything is touched.
 */
export async function resolveSecrets(
  { plan, file }: Pick<LoadedPlan, 'plan' | 'file'>,
  { env, redactor }: SecretSource,
): Promise<Secrets> {
  const values = new Map<string, string>();
  const missing: string[] = [];
  for (const { reference, at } of namedSecrets(plan)) {
    if (values.has(reference)) continue;
    const found = await secretOf(reference, env, dirname(file));
    if ('missing' in found) {
      missing.push(`${at} (${reference}): ${found.missing}`);
      continue;
    }
    redactor.learn(found.value);
    values.set(reference, found.value);
  }
  if (missing.length > 0)
    throw new LandfallError('secret.absent', {
      what: `${missing.length === 1 ? 'a password that the plan names is' : `${missing.length} passwords that the plan names are`} not there`,
      why: 'the databases cannot be reached without; nothing was touched',
      where: { file },
      evidence: missing,
      next: [
        'env:NAME: set that variable where landfall is started, and start it again',
        'file:PATH: put the password, and nothing else, into that file; chmod 600 it',
      ],
    });
  return reference => {
    const value = values.get(reference);
    if (value !== undefined) return value;
    throw new LandfallError('secret.absent', {
      what: `a statement asks for the secret ${reference}, which the plan does not name`,
      next: ['name it in the plan, and start landfall again'],
    });
  };
}

/** Which of those secrets can be read now, by what the plan calls them; what is in them stays here. */
export async function lookAtSecrets(
  { plan, file }: Pick<LoadedPlan, 'plan' | 'file'>,
  env: SecretSource['env'],
): Promise<{ name: string; usable: boolean; trouble?: string }[]> {
  const references = [...new Set(namedSecrets(plan).map(({ reference }) => reference))];
  return Promise.all(
    references.map(async name => {
      const found = await secretOf(name, env, dirname(file));
      return 'missing' in found ? { name, usable: false, trouble: found.missing } : { name, usable: true };
    }),
  );
}

type Found = { readonly value: string } | { readonly missing: string };

async function secretOf(reference: string, env: SecretSource['env'], folder: string): Promise<Found> {
  const at = reference.indexOf(':');
  const kind = at === -1 ? reference : reference.slice(0, at);
  const name = reference.slice(at + 1);
  if (kind === 'env') {
    const value = env[name];
    return value === undefined || value === '' ? { missing: `the environment has no ${name}` } : { value };
  }
  if (kind === 'file')
    return fromFile(name.startsWith('~/') ? join(homedir(), name.slice(2)) : resolve(folder, name));
  return { missing: 'an SSH agent keeps no password of a SQL Server: use env:NAME or file:PATH' };
}

async function fromFile(path: string): Promise<Found> {
  try {
    const facts = await stat(path);
    if (facts.uid === userInfo().uid && (facts.mode & 0o077) !== 0) {
      const mode = (facts.mode & 0o777).toString(8).padStart(4, '0');
      return { missing: `others can read ${path} (mode ${mode}); chmod 600 it` };
    }
    const value = (await readFile(path, 'utf8')).trim();
    return value === '' ? { missing: `${path} is empty` } : { value };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return { missing: code === 'ENOENT' ? `there is no ${path}` : `${path} cannot be read (${code})` };
  }
}
