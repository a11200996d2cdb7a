import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { articlesOf } from '../../../../src/database/replicate/articles.ts';
import { captureScript } from '../../../../src/database/replicate/capture-script.ts';
import { explained, SET_UP_FAULTS, setUpFault } from '../../../../src/database/replicate/classified.ts';
import { retentionHours } from '../../../../src/database/replicate/refusals.ts';
import {
  foundValues,
  isForeign,
  refuseForeign,
  type Situation,
} from '../../../../src/database/replicate/situation.ts';
import { dueOf, teardownScript } from '../../../../src/database/replicate/teardown-script.ts';
import { LandfallError } from '../../../../src/foundation/errors.ts';
import { sceneOf, table } from './scenes.ts';

describe('retention', () => {
  it('is a week at least, and two days beyond the loss of the source', () => {
    expect(retentionHours(sceneOf())).toBe(168);
    expect(retentionHours(sceneOf({ deadlineHours: 96 }))).toBe(168);
    expect(retentionHours(sceneOf({ deadlineHours: 200 }))).toBe(248);
  });
});

describe('articles', () => {
  it('are the tables that replication carries, and the marker last', () => {
    expect(articlesOf(sceneOf()).map(({ name }) => name)).toEqual([
      'dbo.Loans',
      'landfall_article_2',
      'dbo.Codes',
      'landfall.marker',
    ]);
  });

  it('never share the procedures of another, whatever tables are called', () => {
    const name = fc.oneof(
      fc.string({ minLength: 1, maxLength: 60 }),
      fc.constantFrom('a', 'ab', 'abc', 'b', 'bc', "x'y]", 'A'),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, name), {
          minLength: 1,
          maxLength: 12,
          selector: pair => pair.join('\0').toLowerCase(),
        }),
        names => {
          const tables = names.map(([schema, each]) => table(schema, each));
          const articles = articlesOf(sceneOf({ tables }));
          expect(new Set(articles.map(({ suffix }) => suffix.toLowerCase())).size).toBe(articles.length);
          expect(new Set(articles.map(each => each.name.toLowerCase())).size).toBe(articles.length);
        },
      ),
    );
  });

  it('keep hostile names inside their quotes', () => {
    const hostile = "x'); DROP TABLE t; --";
    const deed = captureScript(sceneOf({ tables: [table('dbo', hostile)] })).deeds.find(({ id }) =>
      id.startsWith('article/dbo'),
    );
    const text = deed?.statement.text ?? '';
    expect(text.replaceAll(/N'(?:[^']|'')*'/g, 'N…')).not.toContain('DROP');
  });
});

describe('errors of the set-up', () => {
  it('are told by one entry each', () => {
    const numbers = SET_UP_FAULTS.flatMap(each => each.numbers);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(setUpFault(21397)?.code).toBe('backup-too-old');
    expect(setUpFault(1)).toBeUndefined();
  });

  it('keep the words of the server beside the cause', () => {
    const failed = new LandfallError('sql.failed', {
      what: 'the subscription: the publisher refused it',
      evidence: ['21399: …'],
      next: ['look'],
      cause: { number: 21399, message: '…' },
    });
    const told = explained(failed);
    expect(told.code).toBe('database.retention');
    expect(told.facts.what).toMatch(/^the subscription: what committed since the pinned marker/);
    expect(told.facts.evidence).toEqual(['21399: …']);
    const other = new LandfallError('sql.failed', { what: 'x', next: [], cause: { number: 4, message: '' } });
    expect(explained(other)).toBe(other);
  });
});

const FRESH: Situation = {
  registeredAt: null,
  distributes: false,
  keepsHours: null,
  otherDatabases: null,
  knowsPublisher: false,
  made: [],
};
const THEIRS: Situation = {
  ...FRESH,
  registeredAt: 'DAL-SQL1',
  distributes: true,
  keepsHours: 336,
  knowsPublisher: true,
};

describe('a distributor that was there', () => {
  it('is used as it is', () => {
    expect(() => refuseForeign(sceneOf(), FRESH)).not.toThrow();
    expect(() => refuseForeign(sceneOf(), THEIRS)).not.toThrow();
    expect(isForeign(FRESH)).toBe(false);
    expect(isForeign(THEIRS)).toBe(true);
    expect(
      isForeign({ ...THEIRS, made: [{ kind: 'distributor', name: 'DAL-SQL1', before: 'absent' }] }),
    ).toBe(false);
    expect(foundValues(THEIRS)).toMatchObject({ found_distributor: { value: 'present' } });
  });

  it('is refused where it cannot serve, with the command that would make it', () => {
    const refusal = (situation: Situation): LandfallError => {
      try {
        refuseForeign(sceneOf(), situation);
      } catch (error) {
        if (error instanceof LandfallError) return error;
      }
      throw new Error('not refused');
    };
    const short = refusal({ ...THEIRS, keepsHours: 72 });
    expect(short.code).toBe('database.retention');
    expect(short.facts.next[0]).toContain("@property = N'max_distretention', @value = N'168'");
    expect(refusal({ ...THEIRS, registeredAt: 'MIA-DIST' }).facts.what).toContain('MIA-DIST');
    expect(refusal({ ...THEIRS, registeredAt: null }).facts.why).toContain('password');
    expect(refusal({ ...THEIRS, keepsHours: null, otherDatabases: 'dist2' }).facts.what).toContain('dist2');
  });

  it('is left where it is by the teardown', () => {
    const script = teardownScript(sceneOf());
    const ids = (made: Parameters<typeof dueOf>[1]) => dueOf(script, made).deeds.map(({ id }) => id);
    const absent = ['registered', 'distribution-publisher', 'distribution', 'distributor'].map(kind => ({
      kind,
      name: '',
      before: 'absent',
    }));
    expect(ids(absent)).toEqual(script.deeds.map(({ id }) => id));
    expect(ids(absent.map(row => ({ ...row, before: 'present' })))).not.toContain('drop/distributor');
    // Nobody has written anything down: nothing of a distributor is touched.
    expect(ids([]).filter(id => id.startsWith('drop/dist') || id === 'drop/registered')).toEqual([]);
  });
});
