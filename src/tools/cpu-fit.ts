import { harmless } from '../foundation/text.ts';
import { parseXml, type XmlNode } from './libvirt-xml.ts';

export type CpuFit = 'identical' | 'superset' | 'incompatible' | 'unknown';

/**
 * `virsh hypervisor-cpu-compare`: what libvirt says of the processor that it was given, against its own. It ends with 1
 * where they do not fit, and that is an answer. Undefined where it says neither.
 */
export function parseCpuCompare(text: string): CpuFit | undefined {
  if (/\bis incompatible with\b/.test(text)) return 'incompatible';
  if (/\bis identical to\b/.test(text)) return 'identical';
  if (/\bis a superset of\b/.test(text)) return 'superset';
  return undefined;
}

interface Processor {
  readonly arch: string;
  readonly vendor: string | undefined;
  readonly model: string;
  readonly features: ReadonlySet<string>;
  /** Models that domains may have there. */
  readonly usable: ReadonlySet<string>;
}

/**
 * The same from two answers of `virsh domcapabilities`, for a libvirt that cannot compare. Only what follows from them is
 * said: two models with different names may be one in the other or not.
 */
export function compareProcessors(source: string, target: string): { fit: CpuFit; detail: string } {
  const [one, other] = [processorOf(source), processorOf(target)];
  if (one === undefined || other === undefined)
    return { fit: 'unknown', detail: 'one of the two does not tell its processor' };
  const names = `${one.model} at the source, ${other.model} at the target`;
  if (one.arch !== other.arch)
    return { fit: 'incompatible', detail: `${one.arch} at the source, ${other.arch} at the target` };
  if (one.vendor !== undefined && other.vendor !== undefined && one.vendor !== other.vendor)
    return { fit: 'incompatible', detail: `${names}: other vendors` };
  if (one.model !== other.model)
    return other.usable.size > 0 && !other.usable.has(one.model)
      ? { fit: 'incompatible', detail: `${names}, which cannot be the first` }
      : { fit: 'unknown', detail: `${names}: what each of them has was not compared` };
  const missing = [...one.features].filter(feature => !other.features.has(feature));
  if (missing.length > 0)
    return { fit: 'incompatible', detail: `${one.model} on both; the target lacks ${missing.join(', ')}` };
  return one.features.size === other.features.size
    ? { fit: 'identical', detail: `${one.model} on both, with the same features` }
    : { fit: 'superset', detail: `${one.model} on both; the target has more features` };
}

/** Whether the text tells of a processor at all: what does not cannot be compared by anybody. */
export const tellsProcessor = (xml: string): boolean => processorOf(xml) !== undefined;

function processorOf(xml: string): Processor | undefined {
  const root = parseXml(xml)?.child('domainCapabilities');
  const modes = root?.child('cpu').children('mode') ?? [];
  const mode = (name: string): XmlNode | undefined =>
    modes.find(each => each.attribute('name') === name && each.attribute('supported') !== 'no');
  const host = mode('host-model');
  const model = host?.child('model').text;
  if (root === undefined || host === undefined || model === undefined) return undefined;
  const vendor = host.child('vendor').text;
  return {
    arch: harmless(root.child('arch').text ?? 'unknown'),
    vendor: vendor === undefined ? undefined : harmless(vendor),
    model: harmless(model),
    features: new Set(
      host
        .children('feature')
        .filter(each => each.attribute('policy') === 'require')
        .flatMap(each => each.attribute('name') ?? [])
        .map(harmless),
    ),
    usable: new Set(
      (mode('custom')?.children('model') ?? [])
        .filter(each => each.attribute('usable') === 'yes')
        .flatMap(each => each.text ?? []),
    ),
  };
}
