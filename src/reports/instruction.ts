/** One thing to do, cut into what people read and what they paste. */
export interface Instruction {
  readonly lead: string;
  readonly command?: string;
  readonly tail: string;
}

/** At the beginning of a sentence only names that are no English words. */
const ALWAYS = 'landfall|ssh(?! to )|ssh-keygen|ssh-keyscan|virsh|rsync|systemctl|journalctl|printf';
const AFTER_COLON = `${ALWAYS}|sudo|ssh-add|apt-get|dnf|yum|zypper|apk|pacman|git|ps|kill|ls|df|cat|sh|eval|chmod|umount|lsblk|blkid|udevadm|diff`;
const COMMAND = new RegExp(`^(?:(?<lead>.*?: )(?=(?:${AFTER_COLON}) \\S)|(?=(?:${ALWAYS}) \\S))(?<rest>.*)$`);
/** Where a sentence goes on behind a command. */
const TAIL = /[;,] then | \((?=[a-z])/g;

/**
 * Finds the command in `forget the old key: ssh-keygen -R web1`. Remedies are sentences; those with a command end in
 * it, behind a colon, or are nothing else.
 */
export function instructionOf(text: string): Instruction {
  const groups = COMMAND.exec(text)?.groups;
  const rest = groups?.['rest'];
  if (rest === undefined) return { lead: text, tail: '' };
  const end = [...rest.matchAll(TAIL)].find(({ index }) => isOutsideQuotes(rest.slice(0, index)))?.index;
  return {
    lead: groups?.['lead'] ?? '',
    command: rest.slice(0, end),
    tail: end === undefined ? '' : rest.slice(end),
  };
}

const isOutsideQuotes = (text: string): boolean => (text.match(/'/g) ?? []).length % 2 === 0;
