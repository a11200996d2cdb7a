import type { Link } from '../ssh/link.ts';
import { createHostServer, type HostServer } from '../ssh/server.ts';
import type { ToolBox } from '../tools/tool-box.ts';
import type { SimHost, World } from '../world/world.ts';
import { prepareAnswers } from './prepared-answers.ts';
import { writeMap, writeShims } from './shims.ts';

/** Which hosts are up: a host that is up has its tools and listens for SSH. */

export interface Power {
  up(host: SimHost): Promise<void>;
  /** As `up`, for a host that nobody outside can reach. */
  inside(host: SimHost): Promise<void>;
  down(hostId: string): Promise<void>;
  /** Lets the scripts of a host see what has changed of it. */
  refresh(hostId: string): void;
  readonly servers: ReadonlyMap<string, HostServer>;
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
  const refreshing = new Set<Promise<void>>();
  const inside = async (host: SimHost): Promise<void> => {
    const { world, tools } = parts();
    world.hosts.set(host.id, host);
    writeShims(host, world.directory);
    await prepareAnswers(host, tools);
  };
  return {
    servers,
    inside,
    async up(host) {
      const { world, link, tools } = parts();
      await inside(host);
      const server = createHostServer(world, host, link, tools);
      servers.set(host.id, server);
      await server.listen();
    },
    async down(hostId) {
      parts().world.hosts.delete(hostId);
      const server = servers.get(hostId);
      servers.delete(hostId);
      await server?.close();
    },
    refresh(hostId) {
      const { world, tools } = parts();
      const host = world.hosts.get(hostId);
      if (host === undefined) return;
      writeMap(host, world.directory);
      const refresh = prepareAnswers(host, tools)
        .catch((error: unknown) => world.log(`${hostId}: answers: ${String(error)}`))
        .finally(() => refreshing.delete(refresh));
      refreshing.add(refresh);
    },
    async off() {
      await Promise.all([...servers.values()].map(server => server.close()));
      await Promise.all(refreshing);
    },
  };
}
