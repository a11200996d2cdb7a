import { escapeCssString } from './escape.ts';

/**
 * The style of every HTML document. Contrast is at least 4.5 to 1 in both colour schemes; paper is always light. Nothing
 * is wider than its page: long words and commands break.
 */
export const styleOf = (page: { readonly top: string; readonly bottom: string }): string => `
:root { color-scheme: light dark; --ink: #1a1a1a; --quiet: #4a4a4a; --paper: #ffffff; --shade: #f1f3f5; --line: #767676;
  --link: #0b4f9e; --bad: #a3142a; --good: #1a6b2f; --fill: #2b6cb0; }
@media (prefers-color-scheme: dark) { :root { --ink: #f0f0f0; --quiet: #c8c8c8; --paper: #15181c; --shade: #23282e;
  --line: #8d949c; --link: #8ec5ff; --bad: #ff9aa5; --good: #86d99a; --fill: #6fb1f0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, "Liberation Sans", Arial, sans-serif; overflow-wrap: anywhere; }
a { color: var(--link); }
.skip { position: absolute; left: -999rem; }
.skip:focus { position: static; }
header, footer { color: var(--quiet); border-bottom: 1px solid var(--line); font-size: .875rem; }
footer { border-bottom: 0; border-top: 1px solid var(--line); margin-top: 2rem; }
.marks { font-weight: bold; color: var(--bad); letter-spacing: .1em; }
h1, h2, h3, h4 { line-height: 1.25; break-after: avoid; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.35rem; border-bottom: 1px solid var(--line); } h3 { font-size: 1.15rem; } h4 { font-size: 1rem; }
.warning { border-left: .4rem solid var(--bad); background: var(--shade); padding: .5rem .75rem; }
.together { break-inside: avoid; }
ul, ol { padding-left: 1.4rem; }
nav ul { list-style: none; padding-left: 0; }
code, pre { font-family: ui-monospace, "Liberation Mono", monospace; font-size: .875em; background: var(--shade); }
code { padding: 0 .2em; }
pre { padding: .5rem .75rem; white-space: break-spaces; break-inside: avoid; border-left: 2px solid var(--line); }
pre code { padding: 0; font-size: 1em; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; margin: 1rem 0; }
caption { text-align: left; color: var(--quiet); padding-bottom: .25rem; }
th, td { border: 1px solid var(--line); padding: .25rem .4rem; text-align: left; vertical-align: top; }
thead th { background: var(--shade); }
tr { break-inside: avoid; }
thead { display: table-header-group; }
.whole { overflow-wrap: normal; }
.right { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 1rem 0; max-width: 36rem; break-inside: avoid; }
figcaption { color: var(--quiet); font-size: .875rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--ink); font: 11px system-ui, "Liberation Sans", Arial, sans-serif; }
svg .axis { stroke: var(--line); stroke-width: 1; }
svg .bar, svg .share, svg .plain { fill: var(--fill); }
svg .good { fill: var(--good); } svg .bad { fill: var(--bad); }
svg .line { fill: none; stroke: var(--fill); stroke-width: 2; }
svg .s1, svg .s5 { stroke: var(--bad); } svg .s2, svg .s6 { stroke: var(--good); } svg .s3, svg .s7 { stroke: var(--ink); } svg .s4 { stroke: var(--quiet); }
@media screen and (max-width: 48rem) {
  table, tbody, tr, td, tbody th, caption { display: block; width: 100%; }
  thead { position: absolute; left: -999rem; }
  tr { border: 1px solid var(--line); margin-bottom: .75rem; }
  td, tbody th { border: 0; border-bottom: 1px solid var(--shade); text-align: left; }
  tbody th { background: var(--shade); }
  tbody .right { text-align: left; }
  td::before, tbody th::before { content: attr(data-label) ": "; color: var(--quiet); font-weight: normal; }
}
@page { size: A4; margin: 18mm 14mm 20mm;
  @top-left { content: "${escapeCssString(page.top)}"; font: 8pt "Liberation Sans", Arial, sans-serif; }
  @top-right { content: "page " counter(page) " of " counter(pages); font: 8pt "Liberation Sans", Arial, sans-serif; }
  @bottom-left { content: "${escapeCssString(page.bottom)}"; font: 7pt "Liberation Sans", Arial, sans-serif; width: 100%; } }
@media print {
  :root { color-scheme: light; --ink: #000000; --quiet: #333333; --paper: #ffffff; --shade: #f1f3f5; --line: #767676;
    --link: #000000; --bad: #8a0f22; --good: #145223; --fill: #2b6cb0; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  table { font-size: 7.5pt; }
  .skip, nav { display: none; }
}
`;
