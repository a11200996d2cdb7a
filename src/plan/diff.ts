import { diffTexts } from '../foundation/text-diff.ts';

/** What changed between two texts of a plan; empty where nothing did. */
export const diffPlans = (oldText: string, newText: string): string => diffTexts(oldText, newText);
