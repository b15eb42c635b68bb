// The sections of curves: metrics of the training, and scores of evaluations.
import { Chart, type Drawn } from "./chart";
import type { Protocol, RunData, ScoreData } from "./data";
import { checkbox, element, select, slider, whenNear } from "./dom";
import { abscissae, band, evenLine, recordLine, scoreName, smoothed, type Abscissa, type Line } from "./series";
import { type State, runColour, runDash } from "./state";
import { grouped, plural } from "./text";

// 0 … 100 of the slider → the weight of the past; even steps of the number of records that are averaged over.
export function smoothingWeight(position: number): number {
  return position === 0 ? 0 : 1 - 10 ** (-position / 33);
}

function names(state: State): string[] {
  const all = new Set<string>();
  for (const run of state.runs) for (const metric of run.metrics) all.add(metric.name);
  return [...all];
}

const mostFaint = 12;  // runs whose records are drawn behind their smoothed lines; of more they hide everything

function single(state: State, run: RunData, metric: string, behind: boolean): Drawn | null {
  const found = run.metrics.find((one) => one.name === metric);
  const records = found && recordLine(state.page, run, found, state.axis);
  if (!found || !records) return null;
  const index = state.index(run), weight = smoothingWeight(state.smoothing);
  const even = weight > 0 ? evenLine(state.page, run, found, state.axis) : null;
  // Means of buckets stand for several records each: the weight is that of so many.
  const each = even && found.means ? run.records / even.y.length : 1;
  return {
    label: run.id, colour: runColour(index), dash: runDash(index),
    line: even ? smoothed(even, weight ** each) : records, faint: even && behind ? records : null,
  };
}

/** Runs that differ in their seed alone as one line each; a run without others of its kind stays itself. */
function seedLines(state: State, metric: string): Drawn[] {
  const groups = new Map<number, RunData[]>();
  for (const run of state.visible()) groups.set(run.group, [...(groups.get(run.group) ?? []), run]);
  const result: Drawn[] = [];
  for (const runs of groups.values()) {
    const lines: Line[] = [];
    for (const run of runs) {
      const found = run.metrics.find((one) => one.name === metric);
      const even = found && evenLine(state.page, run, found, state.axis);
      if (even && even.x.length) lines.push(smoothed(even, smoothingWeight(state.smoothing)));
    }
    if (lines.length === 0) continue;
    const index = state.index(runs[0]!), common = { colour: runColour(index), dash: runDash(index) };
    if (lines.length === 1) {
      result.push({ ...common, label: runs[0]!.id, line: lines[0]! });
      continue;
    }
    const over = band(lines);
    result.push({ ...common, label: runs[0]!.name,
                  line: { x: over.x, y: over.middle }, band: over });
  }
  return result;
}

function metricLines(state: State, metric: string): Drawn[] {
  if (state.bands) return seedLines(state, metric);
  const runs = state.visible();
  return runs.map((run) => single(state, run, metric, runs.length <= mostFaint)).filter((one) => one !== null);
}

/** Makes a chart when it comes near, and draws it anew when something has changed. */
function liveChart(state: State, title: string, hint: string, lines: () => Drawn[]): HTMLElement {
  const chart = new Chart(title, hint);
  let near = false;
  const draw = () => near && chart.show(lines(), state);
  state.listen(draw);
  state.onTheme(() => near && chart.restyle(lines()));
  whenNear(chart.root, () => {
    near = true;
    draw();
  });
  return chart.root;
}

export function curveControls(state: State): HTMLElement {
  const set = (change: () => void) => { change(); state.changed(); };
  const sizes = new Map<number, number>();
  for (const run of state.runs) sizes.set(run.group, (sizes.get(run.group) ?? 0) + 1);
  const seeds = [...sizes.values()].some((size) => size > 1);
  return element("div", { class: "controls", role: "group", "aria-label": "How curves are drawn" },
    select("x axis", [["step", "step"], ["epoch", "epoch"], ["time", "wall time"]], state.axis,
      (value) => set(() => { state.axis = value as Abscissa; })),
    slider("Smoothing", 100, state.smoothing, (value) => (value === 0 ? "off" : `≈ ${Math.round(1 / (1 - smoothingWeight(value)))} records`),
      (value) => set(() => { state.smoothing = value; })),
    checkbox("Log x", state.logX, (on) => set(() => { state.logX = on; })),
    checkbox("Log y", state.logY, (on) => set(() => { state.logY = on; })),
    seeds ? checkbox("Mean ± deviation over seeds", state.bands, (on) => set(() => { state.bands = on; })) : null);
}

/** What of the choice cannot be shown, and how curves were thinned out. */
export function curveNotes(state: State): HTMLElement {
  const note = element("p", { class: "note" });
  const write = () => {
    const { thinned } = state.page.data;
    const without = state.axis === "epoch" ? state.visible().filter((run) => !run.steps_per_epoch && run.records > 0) : [];
    const parts = [];
    if (without.length) parts.push(`${plural(without.length, "run")} without known epochs ${without.length === 1 ? "is" : "are"} not drawn: ${without.slice(0, 3).map((run) => run.id).join(", ")}${without.length > 3 ? ", …" : ""}.`);
    if (thinned) parts.push(`Curves of more than ${grouped(thinned.above)} records are drawn by the lowest and the highest record of each of ${grouped(thinned.stretches)} stretches; smoothing starts from the stretches' means; wall time within a stretch is interpolated.`);
    note.textContent = parts.join(" ");
  };
  state.listen(write);
  write();
  return note;
}

export function curves(state: State): HTMLElement[] {
  return names(state).map((name) => liveChart(state, name, "", () => metricLines(state, name)));
}

function scoreLine(state: State, run: RunData, score: ScoreData): Drawn | null {
  const points = score.points.filter((point) => point[2] !== null);
  let x: ArrayLike<number> | null;
  if (state.axis === "epoch") x = run.steps_per_epoch ? points.map(([step]) => step / run.steps_per_epoch!) : null;
  else if (state.axis === "step") x = points.map(([step]) => step);
  else {
    const steps = page(state, run);
    x = abscissae(state.page, run, points.map(([step]) => recordOf(steps, step)), "time");
  }
  if (!x || points.length === 0) return null;
  const index = state.index(run);
  const some = (values: (number | null)[]) => (values.some((value) => value !== null) ? values : undefined);
  return {
    label: run.id + (score.later ? " (asked for later)" : ""), colour: runColour(index), dash: runDash(index),
    line: { x, y: points.map((point) => point[2]!) }, marks: true,
    errors: some(points.map((point) => point[3])), floors: some(points.map((point) => point[4])),
  };
}

function page(state: State, run: RunData): Float64Array {
  return state.page.column(run.steps);
}

/** The number of the record of a step, or of the one before it. */
function recordOf(steps: Float64Array, step: number): number {
  let low = 0, high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle]! <= step) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

function flat(protocol: Protocol): Map<string, string> {
  const parts = new Map<string, string>();
  for (const [key, value] of Object.entries(protocol)) parts.set(key, value === null ? "not known" : String(value));
  return parts;
}

/** What keeps the scores of a metric from being compared: a line for each field that differs. */
export function unlike(state: State, name: string, runs: RunData[]): string[] {
  const used = new Map<number, Set<string>>();
  for (const run of runs) {
    for (const score of run.scores) {
      if (scoreName(score) !== name) continue;
      for (const point of score.points) used.set(point[5], (used.get(point[5]) ?? new Set()).add(run.id));
    }
  }
  if (used.size < 2) return [];
  const protocols = [...used].map(([index, ids]) => ({ fields: flat(state.page.data.protocols[index]!), ids: [...ids] }));
  const keys = new Set(protocols.flatMap(({ fields }) => [...fields.keys()]));
  const lines: string[] = [];
  for (const key of keys) {
    const values = new Map<string, Set<string>>();
    for (const { fields, ids } of protocols) {
      const value = fields.get(key) ?? "not known";
      const known = values.get(value) ?? new Set<string>();
      for (const id of ids) known.add(id);
      values.set(value, known);
    }
    if (values.size < 2) continue;
    const shown = [...values].map(([value, ids]) => `${value} (${[...ids].slice(0, 2).join(", ")}${ids.size > 2 ? ` and ${ids.size - 2} more` : ""})`);
    lines.push(`${key.replaceAll("_", " ")}: ${shown.join(" / ")}`);
  }
  return lines;
}

export function scoreNames(state: State): string[] {
  return [...new Set(state.runs.flatMap((run) => run.scores.map(scoreName)))];
}

export function scoreCharts(state: State): HTMLElement[] {
  return scoreNames(state).map((name) => {
    const first = state.runs.flatMap((run) => run.scores).find((score) => scoreName(score) === name)!;
    const better = state.page.data.protocols[first.points[0]?.[5] ?? -1]?.better;
    const hint = better === "lower" || better === "higher" ? `${better} is better` : "";
    return liveChart(state, name, hint, () => state.visible().flatMap((run) =>
      run.scores.filter((score) => scoreName(score) === name).map((score) => scoreLine(state, run, score)).filter((one) => one !== null)));
  });
}
