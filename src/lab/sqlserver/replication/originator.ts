/** Where a change that an agent applied came from: written at its commit, so that it is not sent back. */
export interface Originator {
  readonly server: string;
  readonly database: string;
}

export const writeOriginator = ({ server, database }: Originator): string =>
  JSON.stringify([server, database]);

export function readOriginator(text: string): Originator {
  const parts: unknown = JSON.parse(text);
  const [server, database] = Array.isArray(parts) ? parts : [];
  return { server: String(server), database: String(database) };
}
