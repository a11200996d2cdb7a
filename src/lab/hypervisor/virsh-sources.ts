import type { Sources } from '../hosts/sources.ts';
import { parseOptions } from '../tools/options.ts';
import { answer, type SimHost, type World } from '../world/world.ts';
import { noDomain, unsupported, type Verb, virshError } from './virsh-verbs.ts';

/**
 * What a cutover does to a source, and nothing else: its guest is asked to end, and it is started again. Its power is
 * never cut, and no definition of the source site is ever touched.
 */
export function sourceWrites(world: World, sources: Sources): Readonly<Record<string, Verb>> {
  const onSource =
    (
      verb: string,
      flags: readonly string[],
      run: (machine: string, given: ReadonlySet<string>) => ReturnType<Verb>,
    ): Verb =>
    ({ host, args }: { readonly host: SimHost; readonly args: readonly string[] }) => {
      const parsed = parseOptions(args, flags, ['--mode']);
      if (!parsed.ok) return unsupported(verb, parsed.unknown);
      const [name = '', ...more] = parsed.operands;
      if (more.length > 0) return virshError(`unexpected data '${more[0]}'`);
      const machine = world.machines.find(
        found => found.hypervisor === host.id && (found.name === name || found.uuid === name),
      );
      return machine === undefined ? noDomain(name) : run(machine.name, parsed.flags);
    };

  return {
    shutdown: onSource('shutdown', [], name => {
      if (!sources.isRunning(name)) {
        return virshError(
          `Failed to shutdown domain '${name}'`,
          'Requested operation is not valid: domain is not running',
        );
      }
      sources.shutdown(name);
      return answer(`Domain '${name}' is being shutdown\n`);
    }),
    start: onSource('start', [], name => {
      if (sources.isRunning(name)) return virshError('Domain is already active');
      const twin = world.state.domains.find(domain => domain.running && domain.name === name);
      if (twin !== undefined) {
        world.violation(
          world.machines.find(found => found.name === name)?.hypervisor ?? '',
          `virsh start ${name}`,
          `${name} runs at the target: it would be there twice`,
        );
      }
      sources.start(name);
      return answer(`Domain '${name}' started\n`);
    }),
    autostart: onSource('autostart', ['--disable'], (name, given) => {
      sources.setAutostart(name, !given.has('--disable'));
      return answer(`Domain '${name}' ${given.has('--disable') ? 'un' : ''}marked as autostarted\n`);
    }),
  };
}
