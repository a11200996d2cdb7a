import type { MailFacts } from '../../../journal/facts-survey.ts';
import type { Answers } from '../learn.ts';
import { rows, shown } from './rows.ts';

const KEPT = 10;

/** Who delivers mail on the machine, and what still waits: it would be sent a second time from a copy, or lost with the machine. */
export function readMail(answers: Answers): MailFacts[] | undefined {
  const found = answers.learn('mail', 'mail', mailOf);
  for (const { agent, queued } of found ?? [])
    if (queued === undefined) answers.gap(`the queue of ${agent}`, 'needs-root', undefined, 'mailq as root');
  return found;
}

/** `AGENT<tab>RELAY<tab>MESSAGES`. */
function mailOf(text: string): MailFacts[] | undefined {
  const lines = rows(text);
  const facts = lines.flatMap(([agent = '', relay = '', count = '']) => {
    if (!/^[a-z]+$/.test(agent) || !/^(?:\d{1,9}|-)$/.test(count)) return [];
    return [
      {
        agent,
        ...(count === '-' ? {} : { queued: Number(count) }),
        ...(relay === '' ? {} : { relay: shown(relay) }),
      },
    ];
  });
  return facts.length < lines.length ? undefined : facts.slice(0, KEPT);
}
