import { LandfallError } from '../../foundation/errors.ts';
import { tailLines } from '../../foundation/text.ts';
import type { FileEdit, Fixup, TreeCommand } from '../../journal/proof-facts.ts';
import { formatArgv } from '../../remote/quote.ts';
import type { Action } from '../../step/action.ts';
import type { StepContext } from '../../step/step.ts';
import { kindOf } from './edit.ts';
import { EDIT_SCRIPT, END_SCRIPT, IN_TREE_MARK, IN_TREE_SCRIPT } from './perform-scripts.ts';

type ExecAction = Action & { kind: 'exec' };

/** Making an initramfs on an emulated processor takes minutes. */
const COMMAND_TIMEOUT_MS = 1_800_000;

/**
 * The fix-ups as actions on the host where the copy is mounted at `root`: first every edit, then every command, in
 * their order. Pure: what a preview shows is what `performFixups` does.
 */
export function fixupActions(host: string, root: string, fixups: readonly Fixup[]): ExecAction[] {
  return deeds(host, root, fixups).map(deed => deed.action);
}

/**
 * Makes the fix-ups; `finalize.failed` with what the tool said where one cannot be made. However it ends, no process
 * is left in the copy, so that it can be unmounted.
 */
export async function performFixups(
  context: StepContext,
  host: string,
  root: string,
  fixups: readonly Fixup[],
  signal: AbortSignal,
): Promise<void> {
  for (const { fixup, action } of deeds(host, root, fixups)) {
    signal.throwIfAborted();
    context.sample({ text: action.note ?? fixup?.title ?? '' });
    try {
      await context.perform(action, { timeoutMs: COMMAND_TIMEOUT_MS, signal });
    } catch (error) {
      if (fixup === undefined) throw error;
      if (fixup.commands.length > 0) await end(context, host);
      throw failed(error, fixup, action, host);
    }
  }
}

/** The error that brought us here is the one to tell; a host that cannot be reached ends nothing now. */
async function end(context: StepContext, host: string): Promise<void> {
  try {
    await context.perform(endAction(host));
  } catch (error) {
    context.sample({
      text: `what runs in the copy could not be ended: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}

interface Deed {
  /** What it belongs to; what clears up before belongs to none. */
  readonly fixup: Fixup | undefined;
  readonly action: ExecAction;
}

function deeds(host: string, root: string, fixups: readonly Fixup[]): Deed[] {
  const commands = fixups.flatMap(fixup =>
    fixup.commands.map(command => ({ fixup, action: commandAction(host, root, command) })),
  );
  return [
    ...(commands.length === 0 ? [] : [{ fixup: undefined, action: endAction(host) }]),
    ...fixups.flatMap(fixup => fixup.edits.map(edit => ({ fixup, action: editAction(host, root, edit) }))),
    ...commands,
  ];
}

const endAction = (host: string): ExecAction => ({
  kind: 'exec',
  host,
  argv: ['sh', '-c', END_SCRIPT, 'sh', IN_TREE_MARK],
  note: 'nothing of an earlier attempt may still run in the copy',
});

const DONE = { file: 'writes', link: 'links', directory: 'makes', absent: 'removes' } as const;

function editAction(host: string, root: string, edit: FileEdit): ExecAction {
  const kind = kindOf(edit);
  const mode = (edit.mode & 0o7777).toString(8).padStart(4, '0');
  // Without its slash the path is a word below the root, whatever looks at it on the way.
  const path = edit.path.replace(/^\/+/, '');
  const action = {
    kind: 'exec',
    host,
    argv: ['sh', '-c', EDIT_SCRIPT, 'sh', root, path, kind, mode],
    note: `${DONE[kind]} ${edit.path}`,
  } as const;
  return edit.after === null || kind === 'directory' ? action : { ...action, stdin: edit.after };
}

/**
 * In mount, network and process namespaces of its own: what is mounted for it goes with its last process, however that
 * ends, and nothing that it starts reaches a network.
 */
function commandAction(host: string, root: string, command: TreeCommand): ExecAction {
  return {
    kind: 'exec',
    host,
    argv: [
      'unshare',
      '--mount',
      '--net',
      '--pid',
      '--fork',
      'sh',
      '-c',
      IN_TREE_SCRIPT,
      'sh',
      root,
      IN_TREE_MARK,
      ...command.argv,
    ],
    note: `${formatArgv(command.argv)}: ${command.why}`,
  };
}

function failed(error: unknown, fixup: Fixup, action: ExecAction, host: string): unknown {
  if (!(error instanceof LandfallError)) return error;
  if (!['remote.command-failed', 'remote.command-missing', 'remote.timeout'].includes(error.code))
    return error;
  return new LandfallError('finalize.failed', {
    what: `the copied system could not be given its ${fixup.id}: ${action.note ?? fixup.title}`,
    why: fixup.why,
    where: { host, ...error.facts.where },
    evidence: tailLines((error.facts.evidence ?? [error.facts.what]).join('\n'), 12),
    next: [
      ...error.facts.next.slice(0, 1),
      'a proof changes only its overlay: the replica is as it was, so it can be tried again',
    ],
    cause: error,
  });
}
