import { type Document, isScalar, Lexer, visit } from 'yaml';
import { caution, type Finding, fault, type PlanPath } from '../finding.ts';
import { keyText, pathOf } from '../locate.ts';
import { SECRET_PATTERN } from '../schema.ts';

/** Secrets written in clear. A plan is copied, committed and mailed around: it only says where a secret is found. */

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;
const SECRET_KEY =
  /password|passwd|passphrase|api[_-]?key|private[_-]?key|credential|(?:^|[_-])(?:pass|pwd|secret|token)(?:$|[_-])/i;
/** `password=hunter2` at any place, `password: hunter2` where one word ends the text. */
const ASSIGNMENT =
  /\b(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key)["']?\s*(?:=\s*([^\s,;&]+)|:\s*([^\s,;&]+)\s*$)/i;
const URL_LOGIN = /[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:([^\s/@]+)@/i;
const BARE_LOGIN = /^(?!mailto:|sip:|tel:)[^\s/:@]+:([^\s/@]+)@[^\s@]+$/i;
const KNOWN_TOKEN =
  /\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{5,})/;

const SUGGESTION = 'write env:NAME, file:PATH or agent, keep it there, and change it: it was written down';

/** Key blocks, wherever they stand: also in text that is no valid YAML. */
export function privateKeys(text: string): Finding[] {
  return [...text.matchAll(PRIVATE_KEY)].map(match =>
    fault([], 'a private key is written in clear', {
      offset: match.index,
      secret: match[0],
      suggestion: SUGGESTION,
    }),
  );
}

/** Values and keys that are secrets, and comments that tell one. */
export function lintSecrets(document: Document, text: string): Finding[] {
  const findings: Finding[] = [];
  visit(document, {
    Pair(_key, pair, ancestors) {
      const { value } = pair;
      if (!isScalar(value) || !SECRET_KEY.test(keyText(pair))) return;
      const written =
        typeof value.value === 'string' || typeof value.value === 'number' ? String(value.value) : '';
      if (written === '' || SECRET_PATTERN.test(written)) return;
      const path = [...pathOf(ancestors, undefined), keyText(pair)];
      findings.push(secret(path, 'a secret is written in clear', written));
    },
    Scalar(key, node, ancestors) {
      if (typeof node.value !== 'string') return;
      const found = secretIn(node.value);
      if (found === undefined) return;
      const path = pathOf(ancestors, node);
      const at = { offset: node.range?.[0] ?? 0 };
      findings.push({
        ...secret(path, found.message, found.secret),
        ...at,
        on: key === 'key' ? 'key' : 'value',
      });
    },
  });
  return [...findings, ...secretComments(text)];
}

const secret = (path: PlanPath, message: string, text: string): Finding =>
  fault(path, message, { secret: text, suggestion: SUGGESTION });

function secretIn(text: string): { readonly message: string; readonly secret: string } | undefined {
  const login = URL_LOGIN.exec(text)?.[1] ?? BARE_LOGIN.exec(text)?.[1];
  if (login !== undefined) return { message: 'a login with its password is written in clear', secret: login };
  const assigned = ASSIGNMENT.exec(text);
  const value = assigned?.[1] ?? assigned?.[2];
  if (value !== undefined && !SECRET_PATTERN.test(value))
    return { message: 'a secret is written in clear', secret: value };
  const token = KNOWN_TOKEN.exec(text)?.[0];
  return token === undefined ? undefined : { message: 'an access token is written in clear', secret: token };
}

/** Comments are no part of the document; the lexer knows them from a "#" within a value. */
function secretComments(text: string): Finding[] {
  const findings: Finding[] = [];
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    // Marks between tokens that do not stand in the text.
    if (/^[\u0002\u0018\u001f\ufeff]$/.test(token)) continue;
    const found = token.startsWith('#') ? secretIn(token) : undefined;
    if (found !== undefined) {
      const message = found.message.replace('is written', 'is written in a comment,');
      findings.push(caution([], message, { offset, secret: found.secret, suggestion: SUGGESTION }));
    }
    offset += token.length;
  }
  return findings;
}
