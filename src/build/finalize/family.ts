import type { GuestFacts } from '../../journal/facts.ts';

/** The families whose tools differ. */
export type Family = 'debian' | 'rhel' | 'suse' | 'other';

const FAMILIES: readonly (readonly [Family, RegExp])[] = [
  ['debian', /^(?:debian|ubuntu|linuxmint|raspbian|devuan|kali|pop)$/],
  ['rhel', /^(?:rhel|centos|almalinux|rocky|fedora|ol|amzn|scientific|eurolinux|virtuozzo)$/],
  ['suse', /^(?:sles|sled|suse|opensuse.*|sle.*)$/],
];

/** By the ID of os-release. */
export function familyOf(os: GuestFacts['os']): Family {
  return FAMILIES.find(([, pattern]) => pattern.test(os.id))?.[0] ?? 'other';
}
