/** The figures of passes are those of the pace, which rooms above and below sync read, too. */
export { effectiveRate, metricsOf, type PassMetrics, scanFloor } from '../pace/metrics.ts';
