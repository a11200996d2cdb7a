import { harmless } from '../../foundation/text.ts';
import { openPart } from '../collector/group.ts';
import type { Section } from '../guest/sections.ts';
import type { Answers } from './learn.ts';

const PREFIX = 'group:';
/** Exit codes of what a guard ended: timeout's own, and those of the signals that it sends. */
const ENDED: readonly number[] = [124, 137, 143];

/** What a group of questions is about, as people say it. */
const ABOUT: Readonly<Record<string, string>> = {
  system: 'who the machine is',
  network: 'how its network is configured',
  boot: 'what starts the machine',
  storage: 'file systems, disks and partition tables',
  lvm: 'LVM',
  sockets: 'ports on which programs listen',
  services: 'services and schedules',
  initramfs: 'drivers in the initramfs',
  hot: 'open files of databases',
  'survey-kernel': 'what the kernel knows of itself',
  'survey-links': 'interfaces that are made of others',
  'survey-routes': 'routes',
  'survey-firewall': 'rules of packet filters',
  'survey-clock': 'what keeps the clock right',
  'survey-identity': 'what is bound to this machine',
  schedules: 'what acts by the clock',
  containers: 'containers',
  packages: 'packages',
  certificates: 'certificates',
  mail: 'queues of mail',
  'data-services': 'services that hold data',
  'peers-1': 'whom the machine talks to',
  'peers-2': 'whom the machine talks to',
  'peers-3': 'whom the machine talks to',
  shares: 'shares of other servers',
  'shares-again': 'whether other servers answer',
  upstreams: 'servers that the machine is configured to use',
  'survey-counters': 'rates of the disks',
  files: 'addresses in configuration files',
};

/**
 * Tells of each group of questions that did not come to its end what it did not answer. Readers cannot see that by
 * themselves: where nothing was found, and where nobody asked any more, a section is missing alike.
 */
export function tellCutGroups(answers: Answers): void {
  for (const name of answers.named(PREFIX)) {
    const why = whyCut(answers.section(name));
    if (why === undefined) continue;
    const group = name.slice(PREFIX.length);
    const from = openPart(answers.section(name)?.text ?? '');
    const about = ABOUT[group] ?? harmless(group);
    const what = from === undefined ? about : `${about}, from "${harmless(from)}" on`;
    answers.gap(what, why, undefined, 'landfall inventory PLAN --again');
  }
}

/** A group whose last question has no end was cut off by something else: most likely by the bound of its length. */
function whyCut(section: Section | undefined): 'timed-out' | 'cut-short' | undefined {
  if (section === undefined) return undefined;
  if (ENDED.includes(section.rc)) return 'timed-out';
  return openPart(section.text) === undefined ? undefined : 'cut-short';
}
