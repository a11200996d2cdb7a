import { createRedactor } from '../../foundation/redact.ts';
import type { Fixup } from '../../journal/proof-facts.ts';

/** Names of secrets, in the languages of the files that fix-ups edit. A name that goes on (`-flags`, `file`) is none. */
const NAME =
  '(?:password|passwd|passphrase|pass|pwd|psk|secret|token|api[-_]?key|p(?:rivate|reshared)[-_]?key|(?:wep|wireless)[-_]?key|pin)[-_]?\\d*';
/** `name=value`, `name: value`; references to files and variables are no secrets. */
const ASSIGNED = new RegExp(`(?:^|[\\s,;"'{[])[\\w.-]*${NAME}["']?\\s*[=:]\\s*["']?[^\\s"'<$]`, 'im');
/** `wpa-psk value`: ifupdown writes no sign between them. */
const SPACED = /^\s*(?:wpa|wireless|wifi|openvpn|ppp)[-_][\w-]*(?:psk|pass\w*|key\d*)\s+\S/im;
/** Keys of WPA and WEP in ifcfg files, keys of WireGuard wherever they stand. */
const KEYS = /^\s*KEY(?:\d|_\w+)?=\s*["']?[^\s"'$]|[\s:="'](?:[A-Za-z0-9+/]{43}=)(?:["'\s]|$)/m;
const GRUB_PASSWORD = /^\s*password(?:_pbkdf2)?\s+\S+\s+(?!\$)\S+/m;

/** True where a text seems to hold a secret. It is rather true once too often: such a text is not journalled. */
export const holdsSecret = (text: string): boolean =>
  [ASSIGNED, SPACED, KEYS, GRUB_PASSWORD].some(pattern => pattern.test(text)) || isRedacted(text);

/** True where the journal would not keep the text as it is: it could not be performed as it was announced. */
export const isRedacted = (text: string): boolean => createRedactor().text(text) !== text;

/** Without the edits of files that hold secrets; each leaves a warning, because a journal keeps what an edit says. */
export function withoutSecrets(fixup: Fixup): Fixup {
  const secret = fixup.edits.filter(
    edit => holdsSecret(edit.before ?? '') || (edit.before !== undefined && holdsSecret(edit.after ?? '')),
  );
  if (secret.length === 0) return fixup;
  return {
    ...fixup,
    edits: fixup.edits.filter(edit => !secret.includes(edit)),
    warnings: [
      ...fixup.warnings,
      ...secret.map(
        edit =>
          `${edit.path} would have to change (${fixup.title}) but holds a secret, so it is left as it is: change it by hand.`,
      ),
    ],
  };
}
