import { describe, expect, it } from 'vitest';
import { refuseSuccessor } from '../../../src/inventory/machine/step.ts';
import { domainFacts, Story } from '../../support/state.ts';

const another = domainFacts({ uuid: '4c4c4544-0000-1000-8000-00000000beef' });
const machineOf = (story: Story) => story.state.machines['web1'];

describe('a machine that was built anew under its old name', () => {
  it('is not copied over the copy of the first', () => {
    const copied = machineOf(new Story().begin().observe('web1').startPass('web1', 1));
    expect(() => refuseSuccessor(copied, another, 'web1')).toThrow(
      expect.objectContaining({ code: 'identity.mismatch' }),
    );
  });

  it('is welcome as long as nothing was copied, and so is the same machine', () => {
    const seen = machineOf(new Story().begin().observe('web1'));
    expect(() => refuseSuccessor(seen, another, 'web1')).not.toThrow();
    const copied = machineOf(new Story().begin().observe('web1').startPass('web1', 1));
    expect(() => refuseSuccessor(copied, domainFacts(), 'web1')).not.toThrow();
  });
});
