import { printMarkdown } from './document/markdown.ts';
import { readinessDocument } from './readiness.ts';
import type { Report } from './shape.ts';

/** The readiness report as Markdown. */
export const markdownOf = (report: Report): string => printMarkdown(readinessDocument(report));
