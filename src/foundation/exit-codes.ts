/** The one table of exit codes. Scripts rely on these numbers: never renumber. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notReady: 3,
  access: 4,
  partial: 5,
  locked: 6,
  drift: 7,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** One line each, for `landfall help exit-codes` and the README. */
export const EXIT_MEANING: ReadonlyArray<readonly [ExitCode, string]> = [
  [EXIT.ok, 'done; for `status`: ready'],
  [EXIT.failed, 'something failed; the message names it'],
  [EXIT.usage, 'the command line or the plan is wrong; nothing was touched'],
  [EXIT.notReady, 'not ready: at least one gate is not met'],
  [EXIT.access, 'a host key or a login was refused'],
  [EXIT.partial, 'some machines failed, the others went on'],
  [EXIT.locked, 'another landfall holds this evacuation'],
  [EXIT.drift, 'the plan changed under a running evacuation'],
  [EXIT.interrupted, 'interrupted (Ctrl-C)'],
  [EXIT.terminated, 'terminated (SIGTERM)'],
];
