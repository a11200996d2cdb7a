import type { Fixup } from '../../journal/proof-facts.ts';

/** A key whose value is a secret, in the languages of the files that fix-ups edit; references to files are none. */
const SECRET =
  /(?:^|[\s,;"'{[])[\w.-]*(?:password|passwd|passphrase|psk|secret|private[-_]?key|wep[-_]key\d?|\bpin)["']?\s*[=:]\s*["']?[^\s"'<$]/im;
const GRUB_PASSWORD = /^\s*password(?:_pbkdf2)?\s+\S+\s+(?!\$)\S+/m;

/** True where a text seems to hold a secret. It is rather true once too often: such a text is not journalled. */
export const holdsSecret = (text: string): boolean => SECRET.test(text) || GRUB_PASSWORD.test(text);

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
