import { cancelled, type ErrorCode, LandfallError } from '../foundation/errors.ts';
import type { Redactor } from '../foundation/redact.ts';
import { harmless, tailLines } from '../foundation/text.ts';
import { formatDuration } from '../foundation/units.ts';
import type { ChannelEnd } from './channel.ts';

/** A command that was run, as its errors tell about it. */
export interface CommandStory {
  readonly host: string;
  readonly program: string;
  /** Its line as messages show it, already redacted. */
  readonly command: string;
  /** What it is called instead of by the name of its program. */
  readonly called?: string | undefined;
  readonly ms: number;
  readonly sudo: boolean;
}

export interface CommandErrors {
  timeout(limitMs: number): LandfallError;
  overflow(maxBytes: number): LandfallError;
  /** An exit code that is not among the expected ones. */
  code(code: number): LandfallError;
  /** An end without an exit code. */
  ended(end: Exclude<ChannelEnd, { how: 'exited' }>): LandfallError;
}

const SHOWN_COMMAND = 300;

export function commandErrors(story: CommandStory, stderr: Buffer, redactor?: Redactor): CommandErrors {
  const { host, program } = story;
  const command = shorten(story.command);
  const said = tailLines(redactor?.text(stderr.toString('utf8')) ?? stderr.toString('utf8'), 8);
  const make = (code: ErrorCode, what: string, next: string[], evidence = said): LandfallError =>
    new LandfallError(code, { what, where: { host, command }, evidence, next });
  const running = `${story.called ?? program} on ${host}`;
  const after = `after ${formatDuration(story.ms)}`;

  return {
    timeout: limitMs =>
      make('remote.timeout', `${running} was ended: it took longer than ${formatDuration(limitMs)}`, [
        `run it by hand on ${host} and see where it hangs`,
        'look for a full disk, a dead mount or an overloaded host',
      ]),

    overflow: maxBytes =>
      make('remote.output-too-large', `${running} was ended: it printed more than ${maxBytes} bytes`, [
        `run it by hand on ${host} and look at what it prints`,
      ]),

    code(code) {
      const sudoMissing = story.sudo && said.some(line => /^sudo: .*command not found/.test(line));
      if (code === 127 || sudoMissing) {
        return make('remote.command-missing', `${program} was not found on ${host}`, [
          `install ${program} on ${host}, or add its directory to the PATH of non-interactive logins there`,
        ]);
      }
      if (
        story.sudo &&
        said.some(line => /^sudo: .*(password is required|not allowed|sudoers)/i.test(line))
      ) {
        return make('remote.command-failed', `sudo on ${host} refused to run ${program} without a password`, [
          `allow it: add "<user> ALL=(ALL) NOPASSWD: ALL" with visudo on ${host}`,
          'or log in as root: user: root in the plan',
        ]);
      }
      return make('remote.command-failed', `${running} ended with exit code ${code}`, [
        `run it by hand on ${host}, and read what it says`,
      ]);
    },

    ended(end) {
      switch (end.how) {
        case 'aborted':
          return cancelled();
        case 'lost':
          return make(
            'ssh.connection-lost',
            `the connection to ${host} was lost ${after}, while it ran: ${command}`,
            [
              'run the same command again: it goes on where it stopped',
              `check the link and the host ${host}`,
            ],
            [harmless(end.cause), ...said],
          );
        case 'not-started':
          return make(
            'ssh.connection-lost',
            `the connection to ${host} was lost before it ran: ${command}`,
            [
              'run the same command again: it goes on where it stopped',
              `check the link and the host ${host}`,
            ],
            [harmless(end.cause)],
          );
        case 'refused':
          return make(
            'ssh.protocol',
            `${host} accepted the login and then refused to run ${program}`,
            [
              `look at the account on ${host}: a forced command, an sftp-only or nologin account acts like this`,
              'look at MaxSessions in its sshd_config: landfall opens at most 8 channels at once',
            ],
            [harmless(end.detail)],
          );
        case 'signalled':
          return make('remote.no-exit-status', `${running} was ended by ${harmless(end.signal)} ${after}`, [
            `look at the log of ${host}: somebody killed it, or memory ran out`,
          ]);
        case 'silent':
          return make('remote.no-exit-status', `${host} did not say how ${program} ended ${after}`, [
            'run the same command again: it goes on where it stopped',
            `look at the log of sshd on ${host}`,
          ]);
      }
    },
  };
}

function shorten(command: string): string {
  const line = harmless(command);
  return line.length > SHOWN_COMMAND ? `${line.slice(0, SHOWN_COMMAND)}…` : line;
}
