import { domainType, type Rule } from './wish.ts';
import {
  attribute,
  element,
  find,
  mapAt,
  mapElements,
  put,
  setAttributes,
  textOf,
  type XmlElement,
} from './xml-tree.ts';

/** The kind of domain and the program that runs it, as the target has them; what only KVM can do goes with it. */
export const emulator: Rule = (domain, wish) => {
  const changes: string[] = [];
  const type = domainType(wish);
  const before = attribute(domain, 'type') ?? 'kvm';
  // A running domain's number, and libvirt's reason why it is tainted, are of the source's day.
  let after = setAttributes(domain, { type, id: undefined });
  if (before !== type) {
    changes.push(
      type === 'qemu'
        ? `runs emulated (qemu) instead of on ${before}: the target offers no KVM or the plan asks for it, and it will be slow`
        : `runs on ${type} instead of ${before}`,
    );
  }
  if (type === 'qemu') after = withoutKvmOnly(after, changes);

  const had = textOf(find(domain, 'devices', 'emulator'));
  const { emulator: program } = wish.virtualization;
  if (had !== program) {
    after = mapAt(after, ['devices'], devices => put(devices, element('emulator', {}, [program])));
    if (had !== '') changes.push(`emulator ${program} instead of ${had}`);
  }
  return { domain: after, changes };
};

const KVM_FEATURES = ['kvm', 'hyperv', 'pvspinlock', 'ioapic'];
const KVM_TIMERS = ['kvmclock', 'hypervclock'];

function withoutKvmOnly(domain: XmlElement, changes: string[]): XmlElement {
  const gone: string[] = [];
  const features = mapAt(domain, ['features'], node =>
    mapElements(node, child => {
      if (!KVM_FEATURES.includes(child.name)) return child;
      gone.push(child.name);
      return undefined;
    }),
  );
  const clock = mapAt(features, ['clock', 'timer'], timer => {
    const name = attribute(timer, 'name') ?? '';
    if (!KVM_TIMERS.includes(name)) return timer;
    gone.push(name);
    return undefined;
  });
  if (gone.length > 0) changes.push(`without ${gone.join(', ')}, which only KVM has`);
  return clock;
}
