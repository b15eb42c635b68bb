// The sections of curves: metrics of the training, and scores of evaluations.
import { Chart, type Drawn, wholeView } from "./chart";
import type { MetricData, RunData, ScoreData } from "./data";
import { checkbox, element, select, slider, whenNear } from "./dom";
import { band, evenLine, recordLine, scoreName, smoothed, type Abscissa, type Line } from "./series";
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

/** Smoothed as the slider says. */
function smoothLine(state: State, run: RunData, metric: MetricData): Line | null {
  const even = evenLine(state.page, run, metric, state.axis);
  // Means of buckets stand for several records each: the weight is that of so many.
  const each = even && metric.means ? run.records / even.y.length : 1;
  return even && smoothed(even, smoothingWeight(state.smoothing) ** each);
}

function single(state: State, run: RunData, metric: string, behind: boolean): Drawn | null {
  const found = run.metrics.find((one) => one.name === metric);
  const records = found && recordLine(state.page, run, found, state.axis);
  if (!found || !records) return null;
  const index = state.index(run), smooth = state.smoothing > 0 ? smoothLine(state, run, found) : null;
  return {
    key: run.id, label: run.id, colour: runColour(index), dash: runDash(index),
    line: smooth ?? records, faint: smooth && behind ? records : null,
  };
}

/** What a group of seeds is called: by the parameters that tell it from the others. */
function groupName(state: State, run: RunData): string {
  const index = state.index(run);
  const parts = state.page.data.parameters.filter(({ key, values }) => key !== "seed" && values[index] !== null)
    .map(({ heading, values }) => `${heading} ${values[index]}`);
  return [run.name, ...parts].join(", ");
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
      const line = found && smoothLine(state, run, found);
      if (line && line.x.length) lines.push(line);
    }
    if (lines.length === 0) continue;
    const index = state.index(runs[0]!), common = { colour: runColour(index), dash: runDash(index) };
    if (lines.length === 1) {
      result.push({ ...common, key: runs[0]!.id, label: runs[0]!.id, line: lines[0]! });
      continue;
    }
    const over = band(lines);
    result.push({ ...common, key: `seeds of ${runs[0]!.id}`, label: groupName(state, runs[0]!),
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
  const chart = new Chart(title, hint, state.keep(`view of ${title}`, wholeView));
  let near = false;
  const draw = () => near && chart.show(lines(), state);
  state.listen(draw);
  state.onTheme(() => near && chart.restyle(lines()));
  state.onForget(whenNear(chart.root, () => {
    near = true;
    draw();
  }));
  state.onForget(() => chart.dispose());
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
  const places = { step: (step: number) => step, time: (_: number, seconds: number | null) => seconds,
                   epoch: (step: number) => (run.steps_per_epoch ? step / run.steps_per_epoch : null) };
  const place = places[state.axis];
  const points = score.points.filter(([step, seconds, value]) => value !== null && place(step, seconds) !== null);
  if (points.length === 0) return null;
  const index = state.index(run);
  const some = (values: (number | null)[]) => (values.some((value) => value !== null) ? values : undefined);
  return {
    key: `${run.id}${score.later ? " later" : ""}`, label: run.id + (score.later ? " (asked for later)" : ""),
    colour: runColour(index), dash: runDash(index), marks: true,
    line: { x: points.map(([step, seconds]) => place(step, seconds)!), y: points.map((point) => point[2]!) },
    errors: some(points.map((point) => point[3])), floors: some(points.map((point) => point[4])),
  };
}

export function scoreNames(state: State): string[] {
  return [...new Set(state.runs.flatMap((run) => run.scores.map(scoreName)))];
}

export function scoreCharts(state: State): HTMLElement[] {
  return scoreNames(state).map((name) => {
    const sides = state.runs.flatMap((run) => run.scores).filter((score) => scoreName(score) === name)
      .map((score) => state.page.data.protocols[score.points[0]![5]]?.better);
    const better = sides.find((side) => side === "lower" || side === "higher");
    const hint = better ? `${better} is better` : "";
    return liveChart(state, name, hint, () => state.visible().flatMap((run) =>
      run.scores.filter((score) => scoreName(score) === name).map((score) => scoreLine(state, run, score)).filter((one) => one !== null)));
  });
}
