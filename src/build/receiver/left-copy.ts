import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { Host } from '../../remote/host.ts';
import { formatArgv } from '../../remote/quote.ts';
import type { Action } from '../../step/action.ts';
import type { StepContext, View } from '../../step/step.ts';
import { askVirsh, unreadable, VIRSH_CODES, virshAnswer, virshError } from '../../tools/virsh.ts';
import { beginningOf, evacuationOf, proofDomainName } from '../names.ts';
import type { Target } from '../site.ts';
import { isOwn, readMark } from '../standby/mark.ts';

/**
 * A proof whose landfall was killed leaves its copy running: it holds the replica open below its overlay, and whoever
 * wants to write to the replica is refused by the hypervisor, the next proof among them.
 */

type ExecAction = Action & { kind: 'exec' };

const domainOf = (view: View, site: Target): string => proofDomainName(evacuationOf(view), site.machine);

const endAction = (view: View, site: Target): ExecAction => ({
  kind: 'exec',
  host: site.hypervisor,
  argv: site.write('destroy', domainOf(view, site)),
  note: 'only where an interrupted proof has left its copy running: it holds the replica open',
});

/** Everything that `endLeftCopy` may do, for a preview. */
export function leftCopyActions(view: View, site: Target): Action[] {
  return [
    { kind: 'exec', host: site.hypervisor, argv: site.read('dumpxml', domainOf(view, site)), reads: true },
    endAction(view, site),
  ];
}

/**
 * Ends the copy that an interrupted proof of this machine has left running; fine where there is none. The caller must
 * hold the replica of the machine, so that no proof is under way. Throws `prove.leftover` where a domain of that name
 * is not ours.
 */
export async function endLeftCopy(
  context: StepContext,
  site: Target,
  host: Host,
  signal: AbortSignal,
): Promise<void> {
  const argv = site.read('dumpxml', domainOf(context, site));
  const answer = await askVirsh(host, argv, { signal });
  if (!answer.ok && answer.refusal === 'domain-absent') return;
  if (!answer.ok) throw virshError(host.id, argv, answer.result);
  const mark = readMark(answer.text, 'proof');
  if (mark === undefined) throw unreadable(host.id, formatArgv(argv), answer.text);
  const owner = {
    evacuation: evacuationOf(context),
    begun: beginningOf(context),
    machine: site.machine,
  };
  if (!isOwn(mark, owner)) throw foreignCopy(context, site, mark.owner?.begun);
  context.sample({ text: `ending the copy of ${site.machine} that an interrupted proof has left running` });
  const end = endAction(context, site);
  const result = await context.perform(end, { codes: VIRSH_CODES, signal });
  const ended = virshAnswer(result);
  if (!ended.ok && ended.refusal !== 'domain-absent') throw virshError(host.id, end.argv.map(String), result);
}

function foreignCopy(view: View, site: Target, begun: string | undefined): LandfallError {
  const domain = domainOf(view, site);
  return new LandfallError('prove.leftover', {
    what: `a domain named ${domain} runs on ${site.hypervisor} and is not of this evacuation`,
    why: 'it may hold the replica open, and landfall touches only domains that it has made for this evacuation',
    where: { host: site.hypervisor, machine: site.machine },
    evidence: begun === undefined ? [] : [`it belongs to an evacuation that began at ${harmless(begun)}`],
    next: [`look at it: virsh dumpxml ${domain}`, `where nobody needs it: virsh destroy ${domain}`],
  });
}
