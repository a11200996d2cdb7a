import { keptCmdline } from '../inventory/index.ts';
import type { GuestFacts } from '../journal/facts.ts';
import { SECTION } from './script.ts';

/** What the copy said about itself, decoded. */
export interface Evidence {
  readonly nonce: string;
  readonly machineId: string;
  readonly bootId: string;
  readonly kernel: string;
  readonly cmdline: string;
  /** `systemctl is-system-running`: running, degraded, starting … ; undefined without systemd. */
  readonly running: string | undefined;
  readonly failedUnits: readonly string[];
  /** Jobs that were still waiting when the time to settle was over. */
  readonly waitingJobs: readonly string[];
  /** The last journal lines of failed units. */
  readonly journals: ReadonlyMap<string, readonly string[]>;
  /** Host keys by file: `ssh-ed25519 AAAA…`. */
  readonly keyFiles: readonly string[];
  /** Host keys that sshd itself showed. */
  readonly keysShown: readonly string[];
  readonly egress: readonly EgressTry[];
  readonly checks: ReadonlyMap<number, CheckAnswer>;
  /** Read as an inventory reads its source; undefined where it could not be read. */
  readonly guest: Omit<GuestFacts, 'rsync'> | undefined;
}

export interface EgressTry {
  /** `ping`, `tcp-443`. */
  readonly how: string;
  readonly address: string;
  readonly rc: number;
  readonly text: string;
}

export interface CheckAnswer {
  readonly rc: number;
  readonly text: string;
}

/** One answered question, as the inventory's decoder hands it over. */
export type Answers = ReadonlyMap<string, { readonly rc: number; readonly text: string }>;

/** True once the copy has said its last word. */
export const isComplete = (text: string): boolean => text.includes(`"section":"${SECTION.end}"`);

/** Pure; `readGuest` is the inventory's reader, which throws where the collector's answer cannot be read. */
export function evidenceOf(
  answers: Answers,
  readGuest: (answers: Answers) => Omit<GuestFacts, 'rsync'>,
): Evidence {
  const text = (name: string): string => answers.get(name)?.text ?? '';
  const [nonce = '', machineId = '', bootId = '', kernel = ''] = lines(text(SECTION.nonce));
  return {
    nonce,
    machineId,
    bootId,
    kernel,
    cmdline: keptCmdline(text(SECTION.cmdline)),
    running: runningOf(answers),
    failedUnits: answers.get(SECTION.failed)?.rc === 0 ? units(text(SECTION.failed)) : [],
    waitingJobs: answers.get(SECTION.jobs)?.rc === 0 ? jobs(text(SECTION.jobs)) : [],
    journals: new Map(
      [...answers].flatMap(([name, answer]) => {
        const [, unit] = /^proof-journal:(.+)$/.exec(name) ?? [];
        return unit === undefined || answer.rc !== 0 ? [] : [[unit, lines(answer.text).slice(-4)] as const];
      }),
    ),
    keyFiles: keysIn(text(SECTION.keys)),
    keysShown: keysIn(text(SECTION.keyscan)),
    egress: [...answers].flatMap(([name, { rc, text: said }]) => {
      const [, how, address] = /^proof-egress:([^:]+):(.+)$/.exec(name) ?? [];
      return how === undefined || address === undefined ? [] : [{ how, address, rc, text: said }];
    }),
    checks: new Map(
      [...answers].flatMap(([name, answer]) => {
        const [, index] = /^proof-check:(\d+)$/.exec(name) ?? [];
        return index === undefined ? [] : [[Number(index), answer] as const];
      }),
    ),
    guest: guestOf(answers, readGuest),
  };
}

function guestOf(
  answers: Answers,
  readGuest: (answers: Answers) => Omit<GuestFacts, 'rsync'>,
): Evidence['guest'] {
  try {
    return readGuest(answers);
  } catch {
    // Its checks are unproven then, and say so; everything else the copy said still counts.
    return undefined;
  }
}

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');

function runningOf(answers: Answers): string | undefined {
  const word = answers.get(SECTION.running)?.text.trim().split('\n').at(-1) ?? '';
  return /^[a-z]+$/.test(word) ? word : undefined;
}

/** systemd before 246 marks failed units with a bullet even when it is asked for plain lines. */
const units = (text: string): string[] =>
  lines(text).flatMap(line => line.replace(/^[^\w-]+/, '').split(/\s+/)[0] ?? []);

const jobs = (text: string): string[] =>
  lines(text).flatMap(line => {
    const [, unit = ''] = line.split(/\s+/);
    return unit.startsWith('landfall') || unit === '' ? [] : [unit];
  });

/** `[host] ssh-ed25519 AAAA… [comment]`, comments of ssh-keyscan aside. */
const keysIn = (text: string): string[] =>
  lines(text).flatMap(line => {
    const [, type, key] = /(?:^|\s)((?:ssh|ecdsa|sk)-[\w@.-]+) ([A-Za-z0-9+/]+=*)(?:\s|$)/.exec(line) ?? [];
    return line.startsWith('#') || type === undefined || key === undefined ? [] : [`${type} ${key}`];
  });
