import type { Link } from '../ssh/link.ts';
import { createHostServer, type HostServer } from '../ssh/server.ts';
import type { ToolBox } from '../tools/tool-box.ts';
import type { SimHost, World } from '../world/world.ts';
import { createDoors, type Door, type Doors } from './doors.ts';
import { prepareAnswers } from './prepared-answers.ts';
import { writeMap, writeShims } from './shims.ts';

/** Which hosts are up: a host that is up has its tools, listens for SSH, and its services listen. */

export interface Power {
  up(host: SimHost): Promise<void>;
  /** As `up`, for a host that nobody outside can reach, or not yet. */
  inside(host: SimHost): Promise<void>;
  /** Lets the outside reach a host that is up inside; without SSH where nothing serves it. */
  open(host: SimHost): Promise<void>;
  down(hostId: string): Promise<void>;
  /** Lets the scripts of a host see what has changed of it, and its services listen as they run now. */
  refresh(hostId: string): void;
  /** Resolves when that has happened. */
  settled(hostId: string): Promise<void>;
  readonly servers: ReadonlyMap<string, HostServer>;
  /** What listens, SSH apart. */
  doors(): Door[];
  /** Takes all hosts down. */
  off(): Promise<void>;
}

export interface PowerParts {
  readonly world: World;
  readonly link: Link;
  readonly tools: ToolBox;
}

/** `parts` are asked for when they are needed, because tools start hosts and hosts have tools. */
export function createPower(parts: () => PowerParts): Power {
  const servers = new Map<string, HostServer>();
  /** By host, each after the one before it: what is written last is the newest. */
  const refreshing = new Map<string, Promise<void>>();
  const opened = new Set<string>();
  let made: Doors | undefined;
  const doors = (): Doors => {
    made ??= createDoors(parts().world);
    return made;
  };

  const inside = async (host: SimHost): Promise<void> => {
    const { world, tools } = parts();
    world.hosts.set(host.id, host);
    writeShims(host, world.directory);
    await prepareAnswers(host, tools);
  };

  const open = async (host: SimHost): Promise<void> => {
    const { world, link, tools } = parts();
    if (host.system.services.includes('ssh')) {
      const server = createHostServer(world, host, link, tools);
      await server.listen();
      servers.set(host.id, server);
    }
    opened.add(host.id);
    await doors().match(host);
  };

  const renew = async (hostId: string): Promise<void> => {
    const { world, tools } = parts();
    const host = world.hosts.get(hostId);
    if (host === undefined) return;
    writeMap(host, world.directory);
    await prepareAnswers(host, tools);
    if (opened.has(hostId) && world.hosts.get(hostId) === host) await doors().match(host);
  };

  return {
    servers,
    inside,
    open,
    doors: () => made?.list() ?? [],
    async up(host) {
      await inside(host);
      await open(host);
    },
    async down(hostId) {
      parts().world.hosts.delete(hostId);
      opened.delete(hostId);
      const server = servers.get(hostId);
      servers.delete(hostId);
      await refreshing.get(hostId);
      await Promise.all([server?.close(), doors().close(hostId)]);
    },
    refresh(hostId) {
      const { world } = parts();
      const before = refreshing.get(hostId) ?? Promise.resolve();
      const renewed: Promise<void> = before
        .then(() => renew(hostId))
        .catch((error: unknown) => world.log(`${hostId}: answers: ${String(error)}`))
        .finally(() => {
          if (refreshing.get(hostId) === renewed) refreshing.delete(hostId);
        });
      refreshing.set(hostId, renewed);
    },
    async settled(hostId) {
      await refreshing.get(hostId);
    },
    async off() {
      const hosts = [...opened];
      await Promise.all([...servers.values()].map(server => server.close()));
      await Promise.all(refreshing.values());
      await Promise.all(hosts.map(id => doors().close(id)));
    },
  };
}
