import type { Principals, ServerPermission, ServerPrincipal } from './principals.ts';

/** Ids below belong to the server's own roles and logins. */
const FIRST_ID = 257;

/** Logins and server roles in memory; whoever owns the server's file is told of each change. */
export class ServerPrincipals implements Principals {
  readonly permissions: ServerPermission[];
  readonly #byId = new Map<number, ServerPrincipal>();
  readonly #changed: () => void;

  constructor(
    principals: readonly ServerPrincipal[],
    permissions: readonly ServerPermission[],
    changed: () => void,
  ) {
    for (const principal of principals) this.#byId.set(principal.id, principal);
    this.#changed = changed;
    this.permissions = watched([...permissions], changed);
  }

  find(name: string): ServerPrincipal | undefined {
    const wanted = name.toLowerCase();
    for (const principal of this.#byId.values())
      if (principal.name.toLowerCase() === wanted) return principal;
    return undefined;
  }

  byId(id: number): ServerPrincipal | undefined {
    return this.#byId.get(id);
  }

  bySid(sid: Uint8Array): ServerPrincipal | undefined {
    for (const principal of this.#byId.values())
      if (principal.sid.length === sid.length && principal.sid.every((byte, place) => byte === sid[place]))
        return principal;
    return undefined;
  }

  all(): readonly ServerPrincipal[] {
    return [...this.#byId.values()].sort((left, right) => left.id - right.id);
  }

  add(principal: Omit<ServerPrincipal, 'id'>): ServerPrincipal {
    let id = FIRST_ID;
    while (this.#byId.has(id)) id += 1;
    const added = { ...principal, id };
    this.#byId.set(id, added);
    this.#changed();
    return added;
  }

  change(id: number, change: Partial<Omit<ServerPrincipal, 'id'>>): void {
    const known = this.#byId.get(id);
    if (!known) return;
    this.#byId.set(id, { ...known, ...change });
    this.#changed();
  }

  drop(id: number): void {
    this.#byId.delete(id);
    for (let place = this.permissions.length - 1; place >= 0; place -= 1)
      if (this.permissions[place]?.grantee === id) this.permissions.splice(place, 1);
    this.#changed();
  }
}

/** A list that tells of its changes. */
export function watched<T>(list: T[], changed: () => void): T[] {
  return new Proxy(list, {
    set(target, key, value) {
      const done = Reflect.set(target, key, value);
      changed();
      return done;
    },
    deleteProperty(target, key) {
      const done = Reflect.deleteProperty(target, key);
      changed();
      return done;
    },
  });
}
