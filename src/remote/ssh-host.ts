import type { Clock } from '../foundation/clock.ts';
import type { Redactor } from '../foundation/redact.ts';
import { createCommands } from './command.ts';
import { openConnection } from './connection.ts';
import { readFileOn, writeFileOn } from './files.ts';
import type { CommandRecord, Host } from './host.ts';
import { createJob } from './job.ts';
import type { LocalEnv } from './local.ts';
import { createSession } from './session.ts';
import { resolveSsh, type SshTarget } from './ssh-config.ts';
import { createTunnels } from './tunnels.ts';

/** What every host of one landfall process shares. */
export interface SshSurroundings {
  readonly clock: Clock;
  readonly runtime: {
    readonly evacuation: string;
    /** Where jobs live on every host; default `/run/landfall`. */
    readonly root?: string | undefined;
  };
  /** Socket of the agent that the caller's environment names. */
  readonly agentSocket?: string | undefined;
  /** ssh_config to use instead of ~/.ssh/config. */
  readonly configFile?: string | undefined;
  /** Environment for ssh and ssh-keygen; without it they inherit ours. */
  readonly env?: LocalEnv | undefined;
  readonly onCommand?: ((record: CommandRecord) => void) | undefined;
  readonly redactor?: Redactor | undefined;
  /** Pause between keepalives, default 10 000 ms; three unanswered ones are a lost connection. */
  readonly keepaliveMs?: number | undefined;
}

/** Where one host is found and how one becomes root there. */
export interface HostAddress {
  readonly address: string;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  /** Runs everything through `sudo -n --`. */
  readonly sudo?: boolean | undefined;
  /** The host's public key, learnt from somebody trusted; known_hosts is then not asked. */
  readonly pinned?: string | undefined;
}

export interface ConnectHostOptions extends SshSurroundings {
  readonly id: string;
  /** Resolved already; or an address that ssh_config resolves. */
  readonly target: SshTarget | HostAddress;
  readonly pinned?: string | undefined;
  readonly sudo?: boolean | undefined;
}

/**
 * Connects to a host over SSH and hands it back once its key was verified and the login worked. Rejects with the
 * `ssh.*` errors. A connection that is lost later is made anew, verified the same way, by the next call.
 */
export async function connectHost(options: ConnectHostOptions): Promise<Host> {
  const { clock, id } = options;
  const asked = options.target;
  const target =
    'jumps' in asked
      ? asked
      : await resolveSsh({ ...asked, configFile: options.configFile, env: options.env });
  const pinned = options.pinned ?? ('pinned' in asked ? asked.pinned : undefined);
  const sudo = options.sudo ?? ('sudo' in asked ? asked.sudo : undefined) ?? false;

  let hostKey: string | undefined;
  const session = createSession(id, async () => {
    const connection = await openConnection({
      id,
      target,
      pinned,
      agentSocket: options.agentSocket,
      env: options.env,
      keepaliveMs: options.keepaliveMs,
    });
    hostKey = connection.hostKey();
    return connection;
  });
  await session.connect();

  const commands = createCommands({
    id,
    session,
    clock,
    sudo,
    onCommand: options.onCommand,
    redactor: options.redactor,
  });
  const runtime = `${options.runtime.root ?? '/run/landfall'}/${options.runtime.evacuation}`;
  return {
    id,
    exec: (argv, execOptions) => commands.exec(argv, execOptions),
    stream: (argv, sinks) => commands.stream(argv, sinks),
    write: (path, content, mode) => writeFileOn(commands, id, path, content, mode),
    read: (path, maxBytes) => readFileOn(commands, id, path, maxBytes),
    job: job => createJob({ commands, clock, host: id, id: job, runtime }),
    tunnels: createTunnels(id, session),
    hostKey: () => hostKey,
    close: async () => session.close(),
  };
}
