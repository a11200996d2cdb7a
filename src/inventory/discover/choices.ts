import { planSchema } from '../../plan/schema.ts';
import { planName, unlike } from './names.ts';
import type { HypervisorFindings, PoolFinding, SiteFindings, VolumeFinding } from './shape.ts';

/** What the findings offer to a plan: images to build from, networks to land on. Pure. */

/** Whether a plan can name this object of a host: the schema's own rule for libvirt's words. */
const word = planSchema.shape.images.valueType.shape.volume;
export const isWord = (text: string): boolean => word.safeParse(text).success;

export interface ImageChoice {
  readonly name: string;
  readonly hypervisor: string;
  readonly pool: string;
  readonly volume: string;
  /** Bytes. */
  readonly capacity: number;
}

/** A plan that lists every volume of a pool helps nobody; the first ones are the likeliest. */
const MOST_IMAGES = 8;

/** Volumes of the target that could be clones or golden images, the likeliest first. */
export function imageChoices(target: SiteFindings): ImageChoice[] {
  const all = target.hypervisors.flatMap(({ name: hypervisor, pools }) =>
    pools.flatMap(pool => pool.volumes.filter(isImage(pool)).map(volume => ({ hypervisor, pool, volume }))),
  );
  const ranked = all.toSorted(
    (a, b) => Number(isSpoken(b.volume)) - Number(isSpoken(a.volume)) || byName(a.volume.name, b.volume.name),
  );
  const perHost = new Map<string, number>();
  const taken = new Set<string>();
  return ranked.flatMap(({ hypervisor, pool, volume }) => {
    const count = perHost.get(hypervisor) ?? 0;
    perHost.set(hypervisor, count + 1);
    if (count >= MOST_IMAGES) return [];
    const name = unlike(planName(volume.name.replace(/\.(?:qcow2|img|raw)$/i, ''), 'image'), taken);
    return [{ name, hypervisor, pool: pool.name, volume: volume.name, capacity: volume.capacity }];
  });
}

/** Neither somebody's disk, nor an overlay, nor one of landfall's own, nor a disc or a firmware. */
const isImage =
  (pool: PoolFinding) =>
  (volume: VolumeFinding): boolean =>
    volume.usedBy === undefined &&
    !volume.overlay &&
    !volume.name.startsWith('landfall-') &&
    /^(?:qcow2|raw)$/.test(volume.format) &&
    !/\.(?:iso|fd|vars|nvram|xml|txt|log|tmp|part)$/i.test(volume.name) &&
    isWord(volume.name) &&
    isWord(pool.name);

const isSpoken = ({ name }: VolumeFinding): boolean => /golden|template|clone|base|image/i.test(name);

export const byName = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

export interface NetworkChoice {
  readonly name: string;
  readonly libvirt: string;
  readonly cidr?: string | undefined;
  readonly taken: readonly string[];
  readonly hypervisors: readonly string[];
}

/** The networks of a site under one name each; what several hypervisors call the same is one network. */
export function networkChoices(
  site: SiteFindings,
  prefix: string,
  taken: Set<string>,
  elsewhere: ReadonlySet<string>,
): NetworkChoice[] {
  const libvirt = [...new Set(site.hypervisors.flatMap(networksOf))].filter(isWord).toSorted(byName);
  return libvirt.map(name => {
    const here = site.hypervisors.filter(host => networksOf(host).includes(name));
    const found = here.flatMap(({ networks }) => networks.filter(network => network.name === name));
    const plain = planName(name, 'network');
    // The same name on both sides would be one name for two networks.
    return {
      name: unlike(elsewhere.has(name) ? planName(`${prefix}-${plain}`, plain) : plain, taken),
      libvirt: name,
      cidr: found.find(({ cidr }) => cidr !== undefined)?.cidr,
      taken: found.flatMap(network => network.taken),
      hypervisors: here.map(host => host.name),
    };
  });
}

const networksOf = ({ networks }: HypervisorFindings): string[] => networks.map(({ name }) => name);

/**
 * The network of the target that takes the place of one of the source: of the same name; of the same name but for
 * the site's abbreviation in front; or the only one there is. Otherwise nobody but the engineer can know.
 */
export function replacementOf(libvirt: string, targets: readonly NetworkChoice[]): NetworkChoice | undefined {
  const tail = (name: string): string => name.replace(/^[^-_.]+[-_.]/, '');
  const same = targets.find(target => target.libvirt === libvirt);
  const alike = targets.filter(target => tail(target.libvirt) === tail(libvirt) && tail(libvirt) !== libvirt);
  const real = targets.filter(target => target.libvirt !== 'default');
  const only = real.length > 0 ? real : targets;
  return same ?? (alike.length === 1 ? alike[0] : undefined) ?? (only.length === 1 ? only[0] : undefined);
}
