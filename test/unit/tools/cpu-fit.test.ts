import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareProcessors, parseCpuCompare, tellsProcessor } from '../../../src/tools/cpu-fit.ts';

interface Parts {
  readonly arch?: string;
  readonly vendor?: string;
  readonly model?: string;
  readonly features?: readonly string[];
  readonly usable?: readonly string[];
}

const capabilities = ({
  arch = 'x86_64',
  vendor = 'Intel',
  model = 'Cascadelake',
  features = [],
  usable = [],
}: Parts) =>
  `<domainCapabilities><arch>${arch}</arch><cpu>
    <mode name='host-passthrough' supported='yes'/>
    <mode name='host-model' supported='yes'><model fallback='forbid'>${model}</model><vendor>${vendor}</vendor>
      ${features.map(name => `<feature policy='require' name='${name}'/>`).join('')}
      <feature policy='disable' name='mpx'/></mode>
    <mode name='custom' supported='yes'>
      ${usable.map(name => `<model usable='yes'>${name}</model>`).join('')}<model usable='no'>Odd</model></mode>
  </cpu></domainCapabilities>`;

const fitOf = (source: Parts, target: Parts) =>
  compareProcessors(capabilities(source), capabilities(target)).fit;

describe("libvirt's own comparison", () => {
  it('is read from its sentence', () => {
    const said = (words: string): string =>
      `CPU described in /dev/stdin ${words} the CPU provided by hypervisor on the host\n`;
    expect(parseCpuCompare(said('is identical to'))).toBe('identical');
    expect(parseCpuCompare(said('is a superset of').replace('CPU described', 'The CPU provided'))).toBe(
      'superset',
    );
    expect(parseCpuCompare(said('is incompatible with'))).toBe('incompatible');
    expect(parseCpuCompare('error: unsupported\n')).toBeUndefined();
    expect(parseCpuCompare('')).toBeUndefined();
  });
});

describe('two capabilities', () => {
  it.each<[Parts, Parts, string]>([
    [{ features: ['a'] }, { features: ['a'] }, 'identical'],
    [{ features: ['a'] }, { features: ['a', 'b'] }, 'superset'],
    [{ features: ['a', 'b'] }, { features: ['a'] }, 'incompatible'],
    [{ arch: 'aarch64' }, {}, 'incompatible'],
    [{ vendor: 'AMD', model: 'EPYC' }, {}, 'incompatible'],
    [{ model: 'Icelake' }, { usable: ['Skylake'] }, 'incompatible'],
    [{ model: 'Skylake' }, { usable: ['Skylake'] }, 'unknown'],
    [{ model: 'Skylake' }, {}, 'unknown'],
  ])('%o on %o: %s', (source, target, expected) => {
    expect(fitOf(source, target)).toBe(expected);
  });

  it('an answer that tells no processor makes it unknown, with a reason', () => {
    expect(tellsProcessor('<domainCapabilities/>')).toBe(false);
    const unsupported = capabilities({}).replaceAll("supported='yes'", "supported='no'");
    expect(tellsProcessor(unsupported)).toBe(false);
    const { fit: found, detail } = compareProcessors(capabilities({}), unsupported);
    expect([found, detail]).toEqual(['unknown', 'one of the two does not tell its processor']);
  });

  it('a processor fits itself, and what one lacks is never called a fit', () => {
    const features = fc.uniqueArray(fc.stringMatching(/^[a-z]{2}$/));
    fc.assert(
      fc.property(features, features, (one, other) => {
        expect(fitOf({ features: one }, { features: one })).toBe('identical');
        const lacks = one.some(name => !other.includes(name));
        expect(fitOf({ features: one }, { features: other }) === 'incompatible').toBe(lacks);
      }),
    );
  });

  it('nothing makes it throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(compareProcessors(one, other).fit).toBe('unknown');
      }),
    );
  });
});
