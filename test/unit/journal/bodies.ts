import type { ErrorEntry, EventOf, EventType } from '../../../src/journal/events.ts';

/** Bodies that many tests of the journal need; plain values, no logic. */

const of = <T extends EventType>(body: EventOf<T>): EventOf<T> => body;

const error: ErrorEntry = { code: 'ssh.unreachable', family: 'act', what: 'no answer', next: ['look'] };
const phaseOf = (step: string): string => step.split('/')[0] ?? '';

export const bodies = {
  error,
  created: of<'evacuation.created'>({
    type: 'evacuation.created',
    name: 'miami',
    planHash: 'abc',
    rehearsal: true,
    lab: true,
    landfall: '0.1.0',
    deadline: { earliest: 1, expected: 2 },
    machines: ['web1', 'db1'],
    databases: [],
  }),
  started: of<'evacuation.started'>({
    type: 'evacuation.started',
    pid: 4711,
    host: 'jump1',
    landfall: '0.1.0',
    controlKeys: ['ssh-ed25519 AAAA'],
  }),
  note: (text: string) => of<'note.added'>({ type: 'note.added', text }),
  stepStarted: (step: string, attempt = 1) =>
    of<'step.started'>({ type: 'step.started', step, phase: phaseOf(step), attempt }),
  stepDone: (step: string, ms: number) =>
    of<'step.done'>({ type: 'step.done', step, phase: phaseOf(step), ms, already: false }),
  stepFailed: (step: string) =>
    of<'step.failed'>({ type: 'step.failed', step, phase: phaseOf(step), attempts: 1, error }),
  passStarted: (machine: string, pass: number) =>
    of<'pass.started'>({
      type: 'pass.started',
      machine,
      pass,
      kind: pass === 1 ? 'full' : 'delta',
      mover: 'files',
      reason: 'converge',
      checksum: false,
    }),
  passEnded: (machine: string, pass: number) =>
    of<'pass.ended'>({
      type: 'pass.ended',
      machine,
      pass,
      kind: pass === 1 ? 'full' : 'delta',
      mover: 'files',
      consistency: 'smeared',
      startedAt: 3000,
      ms: 500,
      hot: [{ path: '/var/log/syslog', bytes: 10 }],
      runs: [
        {
          mountpoint: '/',
          job: `${machine}-pass-${pass}-root`,
          code: 0,
          files: 10,
          filesTransferred: 2,
          filesDeleted: 0,
          totalBytes: 5000,
          transferredBytes: 900,
          literalBytes: 800,
          matchedBytes: 100,
          sentBytes: 1000,
          receivedBytes: 50,
          listSeconds: 0.1,
          ms: 450,
          vanished: 0,
          troubles: [],
        },
      ],
    }),
  verified: (machine: string, pass: number) =>
    of<'replica.verified'>({
      type: 'replica.verified',
      machine,
      pass,
      passStartedAt: 2000,
      ms: 100,
      filesCompared: 10,
      bytesCompared: 5000,
      live: 0,
      mismatches: [],
    }),
};
