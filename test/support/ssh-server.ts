import { type ChildProcess, spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import type { ServerChannel, Connection as ServerConnection } from 'ssh2';
import ssh2 from 'ssh2';

/** A small SSH server in this process, with a real `sh` behind exec. Only for tests, only on loopback. */
export interface SshServer {
  readonly port: number;
  /** Connections that logged in, ever. */
  readonly logins: () => number;
  /** The most commands that ran at once on one connection. */
  readonly mostRunning: () => number;
  /** Command lines, in the order in which they came. */
  readonly commands: readonly string[];
  /** Cuts every connection at once, like a cable. */
  drop(): void;
  /** From now on new connections are cut as soon as they come. */
  setDeaf(deaf: boolean): void;
  close(): Promise<void>;
}

/** Takes a command instead of the shell; answers true where it did. */
export type CommandHook = (command: string, channel: ServerChannel, drop: () => void) => boolean;

export interface SshServerOptions {
  /** Private host keys, PEM. */
  readonly hostKeys: readonly string[];
  /** Public keys that may log in; none: everybody is refused. */
  readonly authorized: readonly string[];
  readonly hook?: CommandHook;
  readonly env?: NodeJS.ProcessEnv;
  readonly port?: number;
  /** Lines before the SSH greeting. */
  readonly greeting?: string;
  readonly refuseExec?: boolean;
}

export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const sockets = new Set<Socket>();
  const children = new Set<ChildProcess>();
  const commands: string[] = [];
  let logins = 0;
  let mostRunning = 0;
  let deaf = false;
  const drop = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const allowed = options.authorized.map(line => {
    const key = ssh2.utils.parseKey(line);
    if (key instanceof Error) throw key;
    return key;
  });

  const onClient = (client: ServerConnection): void => {
    let running = 0;
    client.on('error', () => undefined);
    client.on('authentication', context => {
      if (context.method !== 'publickey') return context.reject(['publickey']);
      const { key, blob, signature, hashAlgo } = context;
      const match = allowed.find(one => one.getPublicSSH().equals(key.data));
      if (match === undefined) return context.reject(['publickey']);
      if (signature === undefined) return context.accept();
      if (blob !== undefined && match.verify(blob, signature, hashAlgo)) return context.accept();
      return context.reject(['publickey']);
    });
    client.on('ready', () => {
      logins += 1;
    });
    client.on('tcpip', (accept, reject, info) => {
      const socket = connect(info.destPort, info.destIP);
      socket.once('error', reject);
      socket.once('connect', () => {
        const channel = accept();
        socket.on('error', () => channel.close());
        channel.on('close', () => socket.destroy());
        channel.pipe(socket).pipe(channel);
      });
    });
    client.on('session', acceptSession => {
      const session = acceptSession();
      session.on('exec', (accept, reject, info) => {
        if (options.refuseExec) return reject();
        commands.push(info.command);
        const channel = accept();
        if (options.hook?.(info.command, channel, drop)) return undefined;
        // sshd frees a session when its command has ended (MaxSessions), not when the client hears of it.
        running += 1;
        mostRunning = Math.max(mostRunning, running);
        const child = runShell(info.command, channel, options.env, () => {
          running -= 1;
        });
        // ssh2's server drops signals once a command runs, and sshd lets commands live on: they end with the server.
        children.add(child);
        child.on('close', () => children.delete(child));
        return undefined;
      });
    });
  };

  const server = new ssh2.Server(
    {
      hostKeys: [...options.hostKeys],
      ...(options.greeting === undefined ? {} : { greeting: options.greeting }),
    },
    onClient,
  );
  // ssh2's server is a wrapper around net.Server, and passes its connections on by this event.
  const netServer = (server as unknown as { _srv: import('node:net').Server })._srv;
  netServer.prependListener('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    if (deaf) socket.resetAndDestroy();
  });
  await new Promise<void>(resolve => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    logins: () => logins,
    mostRunning: () => mostRunning,
    commands,
    drop,
    setDeaf: value => {
      deaf = value;
    },
    close: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      drop();
      for (const child of children) killGroup(child);
      await closed;
    },
  };
}

function runShell(
  command: string,
  channel: ServerChannel,
  env: NodeJS.ProcessEnv | undefined,
  onEnd: () => void,
) {
  const child = spawn('sh', ['-c', command], { detached: true, env: env ?? process.env });
  channel.pipe(child.stdin);
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (chunk: Buffer) => channel.write(chunk));
  child.stderr.on('data', (chunk: Buffer) => channel.stderr.write(chunk));
  // As sshd: once nobody listens, the command writes into a broken pipe.
  channel.on('close', () => {
    child.stdout.destroy();
    child.stderr.destroy();
  });
  child.on('close', (code, signal) => {
    onEnd();
    if (signal === null) channel.exit(code ?? 255);
    else channel.exit(signal.slice(3), false, '');
    channel.end();
  });
  return child;
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}
