import type { AnyAuthMethod } from 'ssh2';
import type { Candidate, Identities } from './identities.ts';

/** What was tried to log in, and how the server took it. */
export interface LoginStory {
  readonly identities: Identities;
  readonly refused: readonly string[];
  readonly notes: readonly string[];
  readonly methodsLeft: readonly string[];
  /** A key was accepted, and the server wants something more. */
  readonly partial: boolean;
}

export interface Login {
  /** The next method to offer; false when there is none left. */
  next(methodsLeft: readonly string[] | null, partial: boolean | null): AnyAuthMethod | false;
  note(text: string): void;
  story(): LoginStory;
}

/** Walks through the identities one by one, and remembers each refusal. */
export function createLogin(user: string, identities: Identities): Login {
  const queue: Candidate[] = [...identities.candidates];
  const refused: string[] = [];
  const notes: string[] = [];
  let methodsLeft: readonly string[] = [];
  let partial = false;
  let tried: string | undefined;
  return {
    next(left, accepted) {
      if (left !== null) methodsLeft = left;
      if (accepted === true) partial = true;
      else if (tried !== undefined) refused.push(tried);
      const candidate = partial ? undefined : queue.shift();
      tried = candidate?.label;
      return candidate === undefined ? false : candidate.method(user);
    },
    note: text => {
      notes.push(text);
    },
    story: () => ({ identities, refused, notes, methodsLeft, partial }),
  };
}
