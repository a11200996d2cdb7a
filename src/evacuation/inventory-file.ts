import type { Event } from '../journal/events.ts';

export interface InventoryFile {
  /** Below `inventories/`: `web1.json`, `web1.survey.json`, `hypervisors/mia-kvm1.json`, `servers/sql1-1433.json`. */
  readonly name: string;
  readonly text: string;
}

/** What was seen, as a file for people, with the time at which it was seen; undefined for any other event. */
export function inventoryFile(event: Event): InventoryFile | undefined {
  switch (event.type) {
    case 'machine.observed': {
      const { machine, domain, guest, digest, at } = event;
      return fileOf(`${machine}.json`, { machine, at, ...observed(at), digest, domain, guest });
    }
    case 'machine.surveyed': {
      const { machine, survey, digest, at } = event;
      return fileOf(`${machine}.survey.json`, { machine, ...observed(at), digest, survey });
    }
    case 'hypervisor.observed': {
      const { type: _type, v: _v, seq: _seq, by: _by, at, ...facts } = event;
      return fileOf(`hypervisors/${event.hypervisor}.json`, { ...observed(at), ...facts });
    }
    case 'hypervisor.surveyed': {
      const { hypervisor, survey, at } = event;
      return fileOf(`hypervisors/${hypervisor}.survey.json`, { hypervisor, ...observed(at), survey });
    }
    case 'server.surveyed': {
      const { server, databases, survey, at } = event;
      const name = server.replace(/[^A-Za-z0-9.-]+/g, '-').replace(/^[.-]+/, '');
      return fileOf(`servers/${name}.json`, { server, ...observed(at), databases, survey });
    }
    default:
      return undefined;
  }
}

/** Epoch ms, and the same for people. */
const observed = (at: number): object => ({ observedAt: at, observed: new Date(at).toISOString() });

const fileOf = (name: string, content: object): InventoryFile => ({
  name,
  text: `${JSON.stringify(content, null, 2)}\n`,
});
