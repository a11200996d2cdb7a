import { X509Certificate } from 'node:crypto';
import type { CertificateFacts } from '../../../journal/facts-survey.ts';
import type { Answers } from '../learn.ts';
import { bounded, byText, isRoot, shown } from './rows.ts';

const KEPT = 200;
const KEPT_NAMES = 50;
const HELP = 'openssl x509 -noout -subject -enddate -in FILE';

/** Certificates that stand in files, each once; those that end first come first. */
export function readCertificates(answers: Answers): CertificateFacts[] | undefined {
  const found = answers.learn('certificates', 'certificates', filesOf);
  if (found === undefined) return undefined;
  const facts = new Map<string, CertificateFacts>();
  const strange: string[] = [];
  for (const { path, body } of found.files) {
    const read = certificateOf(path, body);
    if (read !== undefined) {
      if (!facts.has(read.fingerprint)) facts.set(read.fingerprint, read.facts);
    } else if (body !== '' || /\.ce?rt?$/.test(path)) strange.push(path);
  }
  if (strange.length > 0)
    answers.gap(
      `files that should hold a certificate (${strange.length})`,
      'unreadable',
      strange.join(', '),
      HELP,
    );
  if (found.more) answers.gap('more than 200 files with certificates', 'cut-short', undefined, HELP);
  if (found.closed.length > 0)
    answers.gap('certificates in closed files', 'needs-root', found.closed.join(', '), HELP);
  else if (!isRoot(answers))
    answers.gap('certificates in places that are closed to others', 'needs-root', undefined, HELP);
  const sorted = [...facts.values()].sort(byText(({ path }) => path));
  return bounded(
    answers,
    'certificates',
    sorted.sort((one, other) => one.notAfter - other.notAfter),
    KEPT,
  );
}

interface Found {
  readonly files: { readonly path: string; readonly body: string }[];
  readonly closed: string[];
  readonly more: boolean;
}

/** A line `@@ PATH`, then the inside of its first certificate; `@- PATH` of a file that may not be read. */
function filesOf(text: string): Found | undefined {
  const found: Found & { more: boolean } = { files: [], closed: [], more: false };
  const [before = '', ...pieces] = text.split(/^@(?=[-@!] )/m);
  if (before.trim() !== '') return undefined;
  for (const piece of pieces) {
    const end = piece.indexOf('\n');
    const path = piece.slice(2, end < 0 ? undefined : end);
    if (piece.startsWith('!')) found.more = true;
    else if (piece.startsWith('-')) found.closed.push(path);
    else found.files.push({ path, body: end < 0 ? '' : piece.slice(end + 1).trim() });
  }
  return found;
}

function certificateOf(
  path: string,
  body: string,
): { readonly fingerprint: string; readonly facts: CertificateFacts } | undefined {
  const certificate = parsed(body);
  const notAfter = certificate === undefined ? Number.NaN : Date.parse(certificate.validTo);
  if (certificate === undefined || Number.isNaN(notAfter)) return undefined;
  const { subject, issuer, subjectAltName } = certificate;
  return {
    fingerprint: certificate.fingerprint256,
    facts: {
      ...{ path: shown(path, 1000), subject: nameOf(subject), issuer: nameOf(issuer) },
      names: namesOf(subjectAltName ?? ''),
      notAfter,
      ...(subject === issuer ? { selfSigned: true } : {}),
    },
  };
}

function parsed(body: string): X509Certificate | undefined {
  if (!/^[A-Za-z0-9+/=\s]+$/.test(body)) return undefined;
  try {
    return new X509Certificate(`-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`);
  } catch {
    // What is no certificate is told as a gap, with its path.
    return undefined;
  }
}

/** `CN=a` and `O=b` stand on lines of their own. An X.509 name may be absent. */
const nameOf = (name: string | undefined): string => shown((name ?? '').split('\n').join(', '), 300);

/** `DNS:a, IP Address:10.0.0.1`; a name with anything strange in it stands in quotes. */
function namesOf(text: string): string[] {
  const names = [...text.matchAll(/(?:DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]+)/g)].map(([, name = '']) =>
    shown(name.replace(/^"(.*)"$/, '$1')),
  );
  return [...new Set(names)].slice(0, KEPT_NAMES);
}
