/** Reads what `ssh -G` prints: one lower-case keyword and its value a line. Pure; knows nothing of processes. */

export interface SshSettings {
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  /** Private keys in the order ssh would try them; most of OpenSSH's defaults do not exist. */
  readonly identityFiles: readonly string[];
  /** `default`: the agent landfall was started with; `none`; or the path of a socket. */
  readonly identityAgent: string;
  readonly identitiesOnly: boolean;
  readonly userKnownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  readonly hostKeyAlias?: string;
  readonly hostKeyAlgorithms: readonly string[];
  /** File with revoked host keys (KRL or list), where the configuration has one. */
  readonly revokedHostKeys?: string;
  readonly connectTimeoutMs?: number;
  readonly proxyJump: readonly JumpAddress[];
  readonly proxyCommand?: string;
}

export interface JumpAddress {
  readonly address: string;
  readonly port?: number;
  readonly user?: string;
}

export interface ExpansionFacts {
  readonly address: string;
  /** Home directory of the user who runs landfall. */
  readonly home: string;
  readonly localUser: string;
}

export function parseSshConfig(text: string, facts: ExpansionFacts): SshSettings {
  const values = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    if (space < 1) continue;
    const key = line.slice(0, space).toLowerCase();
    values.set(key, [...(values.get(key) ?? []), line.slice(space + 1).trimEnd()]);
  }
  const all = (key: string): string[] => (values.get(key) ?? []).filter(value => value !== 'none');
  const one = (key: string): string | undefined => all(key)[0];

  const hostname = one('hostname') ?? facts.address;
  const port = Number(one('port') ?? 22);
  const user = one('user') ?? facts.localUser;
  const hostKeyAlias = one('hostkeyalias');
  const path = (value: string): string =>
    expandPath(value, facts, { hostname, port, user, alias: hostKeyAlias ?? facts.address });
  const revoked = one('revokedhostkeys');
  const timeout = one('connecttimeout');
  const proxyCommand = one('proxycommand');

  return {
    hostname,
    port,
    user,
    identityFiles: all('identityfile').map(path),
    identityAgent: agentOf(values.get('identityagent')?.[0], path),
    identitiesOnly: one('identitiesonly') === 'yes',
    userKnownHostsFiles: all('userknownhostsfile').flatMap(splitPaths).map(path),
    globalKnownHostsFiles: all('globalknownhostsfile').flatMap(splitPaths).map(path),
    ...(hostKeyAlias === undefined ? {} : { hostKeyAlias }),
    hostKeyAlgorithms: (one('hostkeyalgorithms') ?? '').split(',').filter(name => name !== ''),
    ...(revoked === undefined ? {} : { revokedHostKeys: path(revoked) }),
    ...(timeout === undefined || !(Number(timeout) > 0) ? {} : { connectTimeoutMs: Number(timeout) * 1000 }),
    proxyJump: (one('proxyjump') ?? '')
      .split(',')
      .filter(hop => hop !== '')
      .map(parseJump),
    ...(proxyCommand === undefined ? {} : { proxyCommand }),
  };
}

/** `user@host:port`, `ssh://user@host:port`, `[::1]:22`. */
export function parseJump(text: string): JumpAddress {
  const bare = text.trim().replace(/^ssh:\/\//, '');
  const at = bare.lastIndexOf('@');
  const rest = bare.slice(at + 1);
  const match = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(rest);
  return {
    // Without a match it is a bare IPv6 address.
    address: match?.[1] ?? match?.[2] ?? rest,
    ...(match?.[3] === undefined ? {} : { port: Number(match[3]) }),
    ...(at > 0 ? { user: bare.slice(0, at) } : {}),
  };
}

/** `ssh -G` joins paths with blanks and quotes none: what does not look like the start of a path goes on the last. */
function splitPaths(value: string): string[] {
  const paths: string[] = [];
  for (const piece of value.split(' ')) {
    const last = paths.at(-1);
    if (last === undefined || /^[/~%]/.test(piece)) paths.push(piece);
    else paths[paths.length - 1] = `${last} ${piece}`;
  }
  return paths.filter(piece => piece !== '' && piece !== 'none');
}

function agentOf(value: string | undefined, path: (value: string) => string): string {
  // A variable names an agent of the caller's environment; landfall is handed one agent, and that is the one.
  if (value === undefined || value === 'SSH_AUTH_SOCK' || value.startsWith('$')) return 'default';
  return value === 'none' ? 'none' : path(value);
}

/** The tokens of ssh_config(5) that name a file; `ssh -G` leaves them in place for identities. */
function expandPath(
  value: string,
  facts: ExpansionFacts,
  target: { hostname: string; port: number; user: string; alias: string },
): string {
  const tokens: Readonly<Record<string, string>> = {
    d: facts.home,
    h: target.hostname,
    k: target.alias,
    n: facts.address,
    p: String(target.port),
    r: target.user,
    u: facts.localUser,
    '%': '%',
  };
  const home = value === '~' || value.startsWith('~/') ? `${facts.home}${value.slice(1)}` : value;
  return home.replace(/%([dhknpru%])/g, (all, token: string) => tokens[token] ?? all);
}
