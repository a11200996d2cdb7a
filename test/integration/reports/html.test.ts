import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fullReport, redactorFor } from '../../../src/cli/reporting.ts';
import { removeTree } from '../../../src/foundation/remove-tree.ts';
import { REPORT_KINDS, renderReport } from '../../../src/reports/documents.ts';
import { midCutover } from '../../unit/reports/cutover-estate.ts';
import { type Browser, browserHere, startBrowser } from './browser.ts';

/** Documents as a browser shows and prints them. Debian's package `chromium` is enough. */
const path = browserHere();
if (path === undefined)
  process.stderr.write(
    '\nNOT TESTED: HTML documents in a real browser; there is none here (apt: chromium)\n\n',
  );

describe.skipIf(path === undefined)('HTML documents in a real browser', () => {
  let browser: Browser;
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'landfall-documents-'));
    const { view, events, now } = midCutover();
    // With the exact commands, as the command line makes it: they are what is long.
    const report = await fullReport({ ...view, events, now, redactor: await redactorFor(view.plan, {}) });
    for (const kind of REPORT_KINDS)
      await writeFile(join(folder, `${kind}.html`), renderReport(kind, 'html', report) ?? '');
    browser = await startBrowser(path ?? '');
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await removeTree(folder, tmpdir());
  });

  const opened = (kind: string) => browser.open(join(folder, `${kind}.html`));

  it.each(REPORT_KINDS)('%s: no script, every title cell has its scope, one first heading', async kind => {
    const page = await opened(kind);
    expect(await page.ask(`document.scripts.length`)).toBe(0);
    expect(await page.ask(`document.compatMode`)).toBe('CSS1Compat');
    expect(await page.ask(`document.documentElement.lang`)).toBe('en');
    expect(await page.ask(`document.querySelectorAll('th:not([scope])').length`)).toBe(0);
    expect(await page.ask(`document.querySelectorAll('h1').length`)).toBe(1);
    expect(await page.ask(`performance.getEntriesByType('resource').length`)).toBe(0);
  });

  it.each(REPORT_KINDS.flatMap(kind => [320, 768, 800, 1280].map(width => [kind, width] as const)))(
    '%s: nothing is wider than a screen of %i px',
    async (kind, width) => {
      const page = await opened(kind);
      await page.send('Emulation.setDeviceMetricsOverride', {
        width,
        height: 800,
        deviceScaleFactor: 1,
        mobile: width < 400,
      });
      expect(await page.ask(WIDER)).toEqual([]);
      await page.send('Emulation.clearDeviceMetricsOverride');
    },
  );

  it.each(
    REPORT_KINDS.flatMap(kind =>
      (['light', 'dark', 'print'] as const).map(scheme => [kind, scheme] as const),
    ),
  )('%s: every text stands out in %s', async (kind, scheme) => {
    const page = await opened(kind);
    await page.send('Emulation.setEmulatedMedia', {
      media: scheme === 'print' ? 'print' : 'screen',
      features: [{ name: 'prefers-color-scheme', value: scheme === 'dark' ? 'dark' : 'light' }],
    });
    const { looked, weak } = z
      .object({ looked: z.number(), weak: z.array(z.string()) })
      .parse(await page.ask(CONTRAST));
    await page.send('Emulation.setEmulatedMedia', { media: '', features: [] });
    expect(looked).toBeGreaterThan(5);
    expect(weak).toEqual([]);
  });

  it.each(REPORT_KINDS)('%s: prints on A4, and nothing is cut off at the edge', async kind => {
    const page = await opened(kind);
    await page.send('Emulation.setEmulatedMedia', { media: 'print' });
    // A4 without its margins, at 96 pixels to the inch.
    await page.send('Emulation.setDeviceMetricsOverride', {
      width: Math.floor(((210 - 28) / 25.4) * 96),
      height: 1000,
      deviceScaleFactor: 1,
      mobile: false,
    });
    expect(await page.ask(WIDER)).toEqual([]);
    await page.send('Emulation.clearDeviceMetricsOverride');
    await page.send('Emulation.setEmulatedMedia', { media: '' });
    const { data } = z
      .object({ data: z.string() })
      .parse(await page.send('Page.printToPDF', { preferCSSPageSize: true, printBackground: true }));
    const pdf = Buffer.from(data, 'base64').toString('latin1');
    expect(pdf.startsWith('%PDF-')).toBe(true);
    const sizes = [...pdf.matchAll(/\/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]/g)];
    expect(sizes.length).toBeGreaterThan(0);
    for (const [, wide, high] of sizes) {
      expect(Math.round(Number(wide))).toBe(595);
      expect(Math.round(Number(high))).toBe(842);
    }
  });
});

/** What reaches over the right edge, but for what is hidden on purpose. */
const WIDER = `(() => {
  const width = document.documentElement.clientWidth;
  const wide = [...document.body.querySelectorAll('*')].filter(each => {
    const box = each.getBoundingClientRect();
    return box.width > 0 && box.right > width + 1;
  });
  const scrolls = document.documentElement.scrollWidth > width ? ['the page: ' + document.documentElement.scrollWidth] : [];
  return [...scrolls, ...wide.slice(0, 5).map(each => each.tagName + ': ' + (each.textContent ?? '').slice(0, 60))];
})()`;

/** Contrast by WCAG 2.2: 4.5 to 1 for every text, whatever its size. */
const CONTRAST = `(() => {
  const parse = colour => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => {
    const part = value => { const c = value / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const ground = each => {
    for (let at = each; at !== null; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || (colour[3] ?? 0) > 0) return colour;
    }
    return matchMedia('(prefers-color-scheme: dark)').matches && !matchMedia('print').matches ? [0, 0, 0] : [255, 255, 255];
  };
  const weak = [];
  let looked = 0;
  for (const each of document.body.querySelectorAll('*')) {
    const own = [...each.childNodes].some(node => node.nodeType === 3 && node.textContent.trim() !== '');
    if (!own || each.tagName === 'title' || each.tagName === 'desc') continue;
    looked += 1;
    const style = getComputedStyle(each);
    const ink = parse(each.tagName === 'text' ? style.fill : style.color);
    const [a, b] = [light(ink), light(ground(each))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (!(ratio >= 4.5)) weak.push(each.tagName + ' ' + ratio.toFixed(2) + ': ' + each.textContent.trim().slice(0, 40));
  }
  return { looked, weak: weak.slice(0, 10) };
})()`;
