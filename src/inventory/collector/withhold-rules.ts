/**
 * What in a command line may be a secret. The same rules are applied twice: by awk on the host, so that a secret does
 * not leave it, and once more where an answer is read. Patterns are for the lower-cased line and use only what awk's and
 * JavaScript's expressions have in common: no counts, no short classes, no looking around. In doubt more is withheld.
 */

/** What stands in place of a secret. */
export const WITHHELD = 'withheld';

/**
 * Where a value ends outside quotes: at white space, or where the shell would begin another command. A value that begins
 * inside quotes ends with the word that they belong to.
 */
export const ENDS = { word: ' \t', command: '|;&<>' } as const;

export interface WithholdRule {
  /** What stands before the secret. */
  readonly head: string;
  readonly ends: keyof typeof ENDS;
  /** No secret where what stands before the head ends so: `mkdir -p`. */
  readonly after?: string;
  /** No secret where the value is this and nothing else: `find -print`. */
  readonly unless?: string;
}

const PRIVATE =
  '(pass|pwd|secret|token|api[-_]?key|access[-_]?key|credential|auth|bearer|cookie|psk|priv|signature|session)[a-z0-9_.-]*';
/**
 * The end of the name of a setting whose value is nobody's business. What stands before it is no part: a pattern that
 * begins with any run of letters is tried from each of them on, and holds landfall for minutes over a table made for it.
 */
const NAME = `(${PRIVATE}|key|pw)`;
/** The same as an option, which has a beginning. */
const OPTION = `(^|[^a-z0-9_.-])--?([a-z0-9_.-]*${PRIVATE}|([a-z0-9_.-]*[-_.])?key|[a-z0-9_-]*pw)`;

/** Programs whose `-p` and `-P` take no password. */
const NO_PASSWORD =
  '(^|[^a-z0-9_-])(mkdir|cp|mv|install|tar|rsync|ssh|scp|sftp|find|grep|egrep|fgrep|zgrep|df|ls|ps|netstat|ss|xargs|test|read|lsof|rm|date|pgrep|pkill)[ \t]*$';

/** In this order: what names the kind of a secret comes before what would take that word for the secret. */
export const WITHHOLD_RULES: readonly WithholdRule[] = [
  { head: '(^|[^a-z0-9])(proxy-)?authorization["\'\\\\]*[ \t]*[:=]+[ \t]*', ends: 'command' },
  {
    head: '(^|[^a-z0-9_-])(bearer|basic|digest|password|passwd|pass|identified[ \t]+by)[ \t]+',
    ends: 'word',
  },
  { head: `${NAME}["'\\\\]*[ \t]*[=:>(]+[ \t]*`, ends: 'word' },
  { head: `${OPTION}[ \t]+`, ends: 'word' },
  {
    head: '(^|[ \t"\'(])(-u|--user|--proxy-user|--username|--login)[ \t=]*["\'\\\\]*[^ \t:"\'/%,]+[:%,]',
    ends: 'word',
  },
  {
    head: '(^|[ \t"\'(])-p',
    ends: 'word',
    after: NO_PASSWORD,
    unless: '^(rint|rint0|rintf|ath|erm|rune|id)$',
  },
  { head: '(^|[ \t"\'(])-p[ \t]+', ends: 'word', after: NO_PASSWORD },
  { head: '(redis|valkey|keydb)[^|;&]*[ \t]-a[ \t]*', ends: 'word' },
  { head: 'ldap[^|;&]*[ \t]-w[ \t]*', ends: 'word' },
  { head: 'snmp[^|;&]*[ \t]-[acx][ \t]*', ends: 'word' },
  { head: '[ \t]/p:', ends: 'word' },
  {
    head: '(^|[^a-z0-9_.-])(echo|printf|htpasswd|htdigest|isql|osql|tsql|smbpasswd|chpasswd|expect|kinit|sqlplus|rman|expdp|impdp)[ \t]+',
    ends: 'command',
  },
  { head: '<<<[ \t]*', ends: 'word' },
  { head: '://[^ \t"\'?]*[?]', ends: 'word' },
];

/** The part of an address that names who asks, password or not. */
export const IN_ADDRESS = ['://[^ \t]*@', `://${WITHHELD}@`] as const;
/** `name:password@host` without a scheme. */
export const BEFORE_HOST = ['[^ \t:@"\'/=]+:/?[^ \t@/][^ \t@]*@', `${WITHHELD}@`] as const;

/** Letters and figures in one run, as keys and tokens are made of: from this length on. */
export const RUN = 20;
/** The names of webhooks and pings. */
export const UUID = '[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+';
export const UUID_LENGTH = 36;

/** Longest command line that is looked at; the rest is cut off before anything else. */
export const LONGEST_COMMAND = 1000;

/** A program that sends mail, as a command or by the library of a script's language; for the lower-cased line. */
export const MAILS =
  '(^|[;|&({`]|then[ \t]|do[ \t]|else[ \t])[ \t]*([a-z0-9/_.-]*/)?(mail|mailx|s-nail|bsd-mailx|heirloom-mailx|mutt|neomutt|msmtp|ssmtp|esmtp|sendmail|sendemail|swaks|mpack)([ \t]|$)|smtplib|net::smtp|mime::lite|net/smtp|smtps?://|/s?bin/sendmail|/lib/sendmail';
