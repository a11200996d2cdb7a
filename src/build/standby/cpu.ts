import { domainType, type RetargetWish, type Rule } from './wish.ts';
import {
  attribute,
  elements,
  find,
  mapAt,
  setAttributes,
  textOf,
  without,
  type XmlElement,
} from './xml-tree.ts';

/** The processor that the target can show. Topology and NUMA cells are the guest's own and stay. */
export const cpu: Rule = (domain, wish) => {
  const before = find(domain, 'cpu');
  if (before === undefined || !isChosen(before)) return { domain, changes: [] };
  const fit = fitCpu(before, wish);
  if (fit === undefined) return { domain, changes: [] };
  return {
    domain: mapAt(domain, ['cpu'], node => withMode(node, fit.mode)),
    changes: [`processor ${fit.mode} instead of ${describeCpu(before)}: ${fit.why}`],
  };
};

/** A `<cpu>` that only speaks of topology leaves the model to QEMU. */
const isChosen = (node: XmlElement): boolean =>
  attribute(node, 'mode') !== undefined || find(node, 'model') !== undefined;

interface Fit {
  readonly mode: string;
  readonly why: string;
}

/** The mode to take instead, with the reason; undefined where the source's choice holds at the target. */
export function fitCpu(
  node: XmlElement,
  wish: Pick<RetargetWish, 'virt' | 'virtualization'>,
): Fit | undefined {
  const mode = attribute(node, 'mode') ?? 'custom';
  const { modes, models, hostModel } = wish.virtualization.cpu;
  if (domainType(wish) === 'qemu') {
    return mode === 'maximum' ? undefined : { mode: 'maximum', why: 'emulation shows all it can' };
  }
  const ownModel = hostModel === undefined ? '' : ` (${hostModel})`;
  if (mode === 'host-passthrough') {
    return { mode: 'host-model', why: `the target has processors of its own${ownModel}` };
  }
  if (mode !== 'custom') {
    return modes.includes(mode) ? undefined : { mode: 'host-model', why: `the target offers no ${mode}` };
  }
  // libvirt spells a running domain's processor out to the last feature, and no other host has exactly those.
  if (attribute(node, 'check') === 'full') {
    return { mode: 'host-model', why: `the target has processors of its own${ownModel}` };
  }
  const model = textOf(find(node, 'model'));
  if (models.includes(model)) return undefined;
  return { mode: 'host-model', why: `the target${ownModel} cannot run ${model}` };
}

function withMode(node: XmlElement, mode: string): XmlElement {
  const plain = without(node, 'model', 'vendor', 'feature', 'cache', 'maxphysaddr');
  return setAttributes(plain, { mode, match: undefined, check: undefined, migratable: undefined });
}

/** `host-passthrough`, or `Skylake-Server with 3 features`. */
export function describeCpu(node: XmlElement): string {
  const mode = attribute(node, 'mode') ?? 'custom';
  if (mode !== 'custom') return mode;
  const features = elements(node, 'feature').length;
  const model = textOf(find(node, 'model'));
  return features === 0 ? model : `${model} with ${features === 1 ? 'a feature' : `${features} features`}`;
}
