/** `HOST\INSTANCE` has a named instance, `HOST` the default one. */
const instancePart = (server: string): string => server.split('\\')[1] ?? 'MSSQLSERVER';

export const machineName = (server: string): string => server.split('\\')[0] ?? server;

/** SERVERPROPERTY('InstanceName'): NULL for the default instance. */
export const instanceName = (server: string): string | null => server.split('\\')[1] ?? null;

export const serviceName = (server: string): string => `SQL Server (${instancePart(server)})`;

export const agentName = (server: string): string => `SQL Server Agent (${instancePart(server)})`;

/** `[a]b]` as `[a]]b]`. */
export const bracketed = (name: string): string => `[${name.replaceAll(']', ']]')}]`;

/** `N'it''s'`. */
export const quoted = (text: string): string => `N'${text.replaceAll("'", "''")}'`;
