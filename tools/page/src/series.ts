// From the records of a metric to the lines that are drawn.
import type { MetricData, Page, RunData, ScoreData } from "./data";

export type Abscissa = "step" | "epoch" | "time";

export interface Line {
  x: ArrayLike<number>;
  y: ArrayLike<number>;
}

export interface Band {
  x: number[];
  middle: number[];
  low: number[];
  high: number[];
  lines: number[];  // how many there are at each place
}

/** Values at fractional record numbers, which rise; between those that are kept, on a straight line. */
function interpolated(at: ArrayLike<number>, values: ArrayLike<number>, wanted: ArrayLike<number>): Float64Array {
  const result = new Float64Array(wanted.length);
  let i = 0;
  for (let k = 0; k < wanted.length; ++k) {
    const where = wanted[k]!;
    while (i + 1 < at.length && at[i + 1]! < where) ++i;
    const from = at[i] ?? 0, to = at[i + 1] ?? from;
    const into = Math.min(to - from, Math.max(0, where - from)), value = values[i]!;
    // Whole steps stay whole: the quotient comes last.
    result[k] = into > 0 ? value + (into * (values[i + 1]! - value)) / (to - from) : value;
  }
  return result;
}

/** The places of record numbers on the axis; null where the run does not know them (epochs of endless data). */
export function abscissae(page: Page, run: RunData, records: ArrayLike<number>, axis: Abscissa): ArrayLike<number> | null {
  if (axis === "time") return interpolated(page.column(run.time.at), page.column(run.time.seconds), records);
  if (axis === "epoch" && !run.steps_per_epoch) return null;
  const steps = interpolated(page.column(run.steps.at), page.column(run.steps.steps), records);
  return axis === "epoch" ? steps.map((step) => step / run.steps_per_epoch!) : steps;
}

function counted(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => i);
}

/** The records that are kept, as they are. */
export function recordLine(page: Page, run: RunData, metric: MetricData, axis: Abscissa): Line | null {
  const y = page.column(metric.values);
  const x = abscissae(page, run, metric.at ? page.column(metric.at) : counted(y.length), axis);
  return x && { x, y };
}

/** The records, or means of buckets of them where they were thinned out: what smoothing and bands start from. */
export function evenLine(page: Page, run: RunData, metric: MetricData, axis: Abscissa): Line | null {
  if (!metric.means) return recordLine(page, run, metric, axis);
  const y = page.column(metric.means);
  const middles = Float64Array.from(y, (_, i) => ((i + 0.5) / y.length) * run.records - 0.5);
  const x = abscissae(page, run, middles, axis);
  return x && { x, y };
}

/** Exponential moving average, without bias towards zero at its start; `weight` of the past in 0 … 1. What is not
 *  finite is passed over. */
export function smoothed(line: Line, weight: number): Line {
  if (weight === 0) return line;
  const y = new Float64Array(line.y.length);
  let sum = 0, mass = 0;
  for (let i = 0; i < y.length; ++i) {
    const value = line.y[i]!;
    if (Number.isFinite(value)) {
      sum = weight * sum + (1 - weight) * value;
      mass = weight * mass + (1 - weight);
    }
    y[i] = mass > 0 ? sum / mass : NaN;
  }
  return { x: line.x, y };
}

function at(line: Line, x: number): number {
  let low = 0, high = line.x.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (line.x[middle]! <= x) low = middle;
    else high = middle;
  }
  const from = line.x[low]!, to = line.x[high]!;
  const share = to > from ? (x - from) / (to - from) : 0;
  if (share === 0 || share === 1) return line.y[share ? high : low]!;  // whatever the other one is
  return line.y[low]! * (1 - share) + line.y[high]! * share;
}

/** Mean ± standard deviation of the lines that reach each place with a finite value: as long as two do, since some runs
 *  end early or diverge. */
export function band(lines: Line[], points = 400): Band {
  const starts = lines.map((line) => line.x[0]!).sort((a, b) => a - b);
  const ends = lines.map((line) => line.x[line.x.length - 1]!).sort((a, b) => b - a);
  const first = starts[1]!, last = ends[1]!;
  const result: Band = { x: [], middle: [], low: [], high: [], lines: [] };
  if (!(first <= last)) return result;
  const count = first === last ? 1 : Math.min(points, Math.max(...lines.map((line) => line.x.length)));
  for (let i = 0; i < count; ++i) {
    const x = count === 1 ? first : first + ((last - first) * i) / (count - 1);
    const values = lines.filter((line) => line.x[0]! <= x && x <= line.x[line.x.length - 1]!)
      .map((line) => at(line, x)).filter(Number.isFinite);
    if (values.length < 2) continue;
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / Math.max(1, values.length - 1));
    result.x.push(x);
    result.middle.push(mean);
    result.low.push(mean - deviation);
    result.high.push(mean + deviation);
    result.lines.push(values.length);
  }
  return result;
}

/** The value of the last record that is finite. */
export function lastValue(page: Page, metric: MetricData): number | null {
  const values = page.column(metric.values);
  for (let i = values.length - 1; i >= 0; --i) if (Number.isFinite(values[i]!)) return values[i]!;
  return null;
}

export function lastScore(score: ScoreData): ScoreData["points"][number] | null {
  return score.points[score.points.length - 1] ?? null;
}

/** "evaluation.metric", as `train.until` names it. */
export function scoreName(score: ScoreData): string {
  return `${score.evaluation}.${score.metric}`;
}
