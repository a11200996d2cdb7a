import type { Draft } from '../draft.ts';
import { caution, type Finding, fault, type PlanPath } from '../finding.ts';
import type { DatabasePlan } from '../schema.ts';

/** What the plan of a database gets wrong before any server is asked. */
export function lintDatabases({ databases }: Draft): Finding[] {
  const copies = new Map<string, string>();
  return [...databases.entries].flatMap(([name, database]) => {
    const path = ['databases', name];
    return [
      ...lanes(path, database),
      ...places(path, name, database, copies),
      ...accounts(path, database),
      ...backups(path, database),
    ];
  });
}

function lanes(path: PlanPath, { lane, clone, backup }: DatabasePlan): Finding[] {
  const at = [...path, 'lane'];
  if ((lane === 'clone' || lane === 'snapshot') && clone === undefined)
    return [
      fault(at, `the lane ${lane} begins with a clone, and none is named`, {
        suggestion: 'name it: clone: { database: NAME }, or take the lane backup',
      }),
    ];
  if ((lane === 'backup' || lane === 'log-shipping') && backup === undefined)
    return [
      fault(at, `the lane ${lane} begins with a backup, and no folder for it is named`, {
        suggestion: 'name it: backup: { folder: PATH }, as the service of the publisher sees it',
      }),
    ];
  return [];
}

const endpoint = ({ address, port }: { readonly address: string; readonly port: number }): string =>
  `${address.toLowerCase()} port ${port}`;

function places(
  path: PlanPath,
  name: string,
  { publisher, subscriber, distributor, distributor_at, clone }: DatabasePlan,
  copies: Map<string, string>,
): Finding[] {
  const findings: Finding[] = [];
  const copy = clone?.database ?? subscriber.database ?? name;
  const isOneServer = endpoint(publisher) === endpoint(subscriber);
  const isItself = (database: string): boolean =>
    isOneServer && database.toLowerCase() === name.toLowerCase();
  if (isItself(copy))
    findings.push(
      fault(
        clone === undefined ? [...path, 'subscriber', 'address'] : [...path, 'clone', 'database'],
        'publisher and subscriber are one database on one server: the copy would be production itself',
        { suggestion: 'the subscriber is another server, at the target site' },
      ),
    );
  else if (isOneServer)
    findings.push(
      caution([...path, 'subscriber', 'address'], 'the copy is on the very server that is to be left', {
        suggestion: 'right only for a rehearsal on one server',
      }),
    );
  if (subscriber.database !== undefined && clone !== undefined && subscriber.database !== clone.database)
    findings.push(
      caution(
        [...path, 'subscriber', 'database'],
        `the lanes that begin with the clone make "${clone.database}" the copy; this name counts for the others only`,
      ),
    );
  const place = `${endpoint(subscriber)} ${copy.toLowerCase()}`;
  const first = copies.get(place);
  if (first !== undefined)
    findings.push(
      fault([...path, 'subscriber', 'address'], `"${first}" has this copy on this server already`),
    );
  copies.set(place, first ?? name);
  if (distributor === undefined) return findings;
  if (distributor_at !== 'auto')
    findings.push(
      fault([...path, 'distributor_at'], 'a third server distributes, and distributor_at names another', {
        suggestion: 'leave one of the two out',
      }),
    );
  for (const [role, server] of [
    ['publisher', publisher],
    ['subscriber', subscriber],
  ] as const)
    if (endpoint(distributor) === endpoint(server))
      findings.push(
        fault([...path, 'distributor', 'address'], `this is the ${role}, and no third server`, {
          suggestion: `leave it out and write distributor_at: ${role}`,
        }),
      );
  return findings;
}

function accounts(path: PlanPath, { publisher, subscriber, distributor, agents }: DatabasePlan): Finding[] {
  const findings: Finding[] = [];
  const servers = { publisher, subscriber, ...(distributor === undefined ? {} : { distributor }) };
  for (const [role, server] of Object.entries(servers)) {
    const at = [...path, role];
    if (server.encrypt === 'off')
      findings.push(
        caution([...at, 'encrypt'], 'passwords and rows would cross the network readable by anybody', {
          suggestion: 'right only for a server that cannot encrypt, on a network that is trusted',
        }),
      );
    else if (server.encrypt === 'strict' && server.trust_certificate)
      findings.push(
        fault([...at, 'trust_certificate'], 'strict encryption always checks the certificate', {
          suggestion: 'write encrypt: required, or give the server a certificate that is trusted',
        }),
      );
    else if (server.trust_certificate && server.certificate_name !== undefined)
      findings.push(
        caution([...at, 'certificate_name'], 'no name is checked where every certificate is taken'),
      );
  }
  for (const [role, server] of Object.entries({ ...servers, ...(agents === undefined ? {} : { agents }) }))
    if (server.password === 'agent')
      findings.push(
        fault([...path, role, 'password'], 'an SSH agent keeps no password of a SQL Server', {
          suggestion: 'write env:NAME or file:PATH',
        }),
      );
  return findings;
}

function backups(path: PlanPath, { backup }: DatabasePlan): Finding[] {
  if (backup?.reads_as !== undefined || backup === undefined) return [];
  return backup.folder.startsWith('\\\\')
    ? []
    : [
        caution([...path, 'backup'], 'the backup lies in a folder that only the publisher sees', {
          suggestion:
            'name the share as the subscriber sees it (reads_as), or carry the files by hand when landfall asks',
        }),
      ];
}
