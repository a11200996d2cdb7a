import type { State } from '../../journal/state.ts';
import type { DatabasePlan } from '../../plan/schema.ts';
import type { AddressBook } from './address-book.ts';
import { Collected, type Told } from './collected.ts';

type Servers = NonNullable<State['servers']>;
type Server = Servers[string];

/**
 * One database: what the plan has it wait for, the linked servers of its server, and what its own objects refer to. A
 * linked server is of concern to all databases of its server: who of them uses it is known of objects only.
 */
export function ofDatabase(
  name: string,
  wanted: DatabasePlan,
  servers: Servers | undefined,
  book: AddressBook,
): Told {
  const told = new Collected(name, book);
  for (const other of wanted.after) told.planned(other);
  const server = Object.values(servers ?? {}).find(({ planned }) => planned.includes(name));
  if (server === undefined) return told.told();
  for (const linked of server.linkedServers ?? []) {
    const [host, port] = hostOf(linked.dataSource ?? linked.name);
    if (host === undefined || isItself(host, server, wanted)) continue;
    told.need({
      ...{ host, also: [], port: port ?? 1433, via: 'linked-server', seenAt: server.at },
      evidence: `linked server ${linked.name} (${linked.provider}) leads to ${linked.dataSource ?? linked.name}`,
    });
  }
  for (const { kind, from, to } of server.databases.find(each => each.name === name)?.references ?? [])
    refer(told, name, server, { kind, from, to });
  return told.told();
}

function refer(
  told: Collected,
  name: string,
  server: Server,
  { kind, from, to }: { readonly kind: string; readonly from: string; readonly to: string },
): void {
  const seen = { evidence: `${from} refers to ${to} (${kind})`, seenAt: server.at };
  if (kind !== 'cross-database') {
    const [host, port] = hostOf(to);
    // A linked server is known by its name already; of a share the server is what counts.
    if (host === undefined || (server.linkedServers ?? []).some(linked => linked.name === to)) return;
    const via = kind === 'file-share' ? 'share' : 'linked-server';
    told.need({ host, also: [], ...(port === undefined ? {} : { port }), via, ...seen });
  } else if (to !== name && server.planned.includes(to)) {
    told.edge({ kind: 'database', name: to }, 'cross-database', seen);
  } else if (to !== name) {
    told.stranded(
      {
        check: `depends-database-${to.replace(/[^A-Za-z0-9_.-]+/g, '-')}`,
        kind: 'soon-dead',
        what: `it needs the database ${to} of the same server, which is not in the plan`,
        why: `${server.name} is lost with the source site, and ${to} with it`,
        next: [`add ${to} below databases of the plan`, `or take the reference out of ${from}`],
      },
      seen,
    );
  }
}

/** `tcp:sql2.corp.example,1434`, `SQL2\INSTANCE`, `\\filer\share`: the host, and the port where it is told. */
function hostOf(source: string): [host: string | undefined, port: number | undefined] {
  const [, host, , port] =
    /^(?:[a-z]+:)?(?:\\\\)?\[?([A-Za-z0-9_.:-]*[A-Za-z0-9_])\]?(\\[^,]*)?(?:,(\d{1,5}))?$/i.exec(
      source.trim(),
    ) ?? [];
  return [host?.toLowerCase(), port === undefined ? undefined : Number(port)];
}

const isItself = (host: string, server: Server, { publisher }: DatabasePlan): boolean =>
  [
    server.name.split('\\')[0]?.toLowerCase(),
    publisher.address.toLowerCase(),
    'localhost',
    '.',
    '(local)',
  ].includes(host);
