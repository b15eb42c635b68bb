// Many runs at once: parallel coordinates whose axes can be brushed, and a scatter plot of any two columns. By ECharts.
import { ParallelChart, ScatterChart } from "echarts/charts";
import { GridComponent, ParallelComponent, TooltipComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import type { Page, RunData } from "./data";
import { element, onWidth, select, whenNear } from "./dom";
import { lastScore, lastValue, scoreName } from "./series";
import { type Choice, colour, type State, runColour } from "./state";
import { number, plural } from "./text";

use([ParallelChart, ScatterChart, GridComponent, ParallelComponent, TooltipComponent, CanvasRenderer]);

export interface Dimension {
  name: string;
  heading: string;  // the end of the name, where that tells it from the others
  kind: "value" | "log" | "category";
  values: (number | string | null)[];  // one a run
}

// `spread`: from which quotient of the largest to the smallest on the axis is logarithmic.
function dimension(name: string, heading: string, spread: number, raw: (string | number | null)[]): Dimension | null {
  const known = raw.filter((value) => value !== null);
  if (new Set(known).size < 2) return null;
  const numbers = raw.map((value) => (value === null || value === "" ? null : Number(value)));
  if (known.every((value) => value !== "" && Number.isFinite(Number(value)))) {
    const finite = numbers.filter((value) => value !== null);
    const low = Math.min(...finite), high = Math.max(...finite);
    return { name, heading, kind: low > 0 && high / low >= spread ? "log" : "value", values: numbers };
  }
  return { name, heading, kind: "category", values: raw.map((value) => (value === null ? null : String(value))) };
}

/** Parameters that differ, newest scores and last metrics: whatever tells runs apart. */
export function dimensions(page: Page): Dimension[] {
  const { runs, parameters } = page.data, made: (Dimension | null)[] = [];
  for (const { key, heading, values } of parameters) made.push(dimension(key, heading, 10, values));
  for (const name of new Set(runs.flatMap((run) => run.scores.map(scoreName)))) {
    made.push(dimension(name, name, 50, runs.map((run) => {
      const score = run.scores.filter((one) => scoreName(one) === name).at(-1);
      return score ? lastScore(score)?.[2] ?? null : null;
    })));
  }
  for (const name of new Set(runs.flatMap((run) => run.metrics.map((metric) => metric.name)))) {
    made.push(dimension(`last ${name}`, `last ${name}`, 50, runs.map((run) => {
      const metric = run.metrics.find((one) => one.name === name);
      return metric ? lastValue(page, metric) : null;
    })));
  }
  return made.filter((one) => one !== null);
}

const axisName = (one: Dimension) => one.heading + (one.kind === "log" ? " (logarithmic)" : "");
const short = (name: string) => (name.length > 26 ? `…${name.slice(-25)}` : name);

function axisOf(one: Dimension, size: number): object {
  const common = {
    name: short(one.heading), nameTextStyle: { color: colour("ink"), fontSize: size, fontFamily: colour("font") },
    axisLine: { lineStyle: { color: colour("soft") } }, axisTick: { lineStyle: { color: colour("soft") } },
    axisLabel: { color: colour("soft"), fontSize: size, fontFamily: colour("font"), hideOverlap: true, textBorderColor: colour("card"), textBorderWidth: 3,
                 formatter: (value: number | string) => (one.kind === "category" ? short(String(value)) : number(Number(value))) },
  };
  if (one.kind !== "category") return { ...common, type: one.kind, scale: true, splitNumber: 4, splitLine: { lineStyle: { color: colour("grid") } } };
  return { ...common, type: "category", data: [...new Set(one.values.filter((value) => value !== null))] };
}

abstract class Plot {
  readonly root: HTMLElement;
  protected readonly place = element("div", { class: "plot tall", role: "img" });
  protected chart: ECharts | null = null;

  constructor(protected readonly state: State, title: string, hint: string, protected readonly controls: (HTMLElement | null)[]) {
    this.root = element("figure", { class: "card chart wide" },
      element("figcaption", {}, element("h3", {}, title), element("span", { class: "hint" }, hint)),
      element("div", { class: "controls" }, controls), this.place);
    this.root.dataset.title = title;
    this.place.setAttribute("aria-label", title);
    const draw = () => this.chart && this.draw();
    state.onForget(whenNear(this.root, () => {
      if (this.place.clientWidth === 0) return;
      this.chart = init(this.place, null, { renderer: "canvas" });
      this.started(this.chart);
      draw();
    }));
    state.onForget(onWidth(this.place, () => {
      this.chart?.resize();
      draw();
    }));
    state.onForget(() => {
      this.chart?.dispose();
      this.chart = null;
    });
    state.listen(draw);
    state.onTheme(draw);
  }
  protected size(): number {
    return parseFloat(getComputedStyle(this.place).fontSize);
  }
  protected tip(): object {
    return { confine: true, backgroundColor: colour("card"), borderColor: colour("line"), textStyle: { color: colour("ink"), fontSize: this.size(), fontFamily: colour("font") } };
  }
  protected started(_: ECharts): void {}
  protected abstract draw(): void;
}

const brushing = "drag along an axis to choose a range; click the axis to lift it";

class Parallel extends Plot {
  private readonly said = element("output", { class: "brushed" });
  private brushed: RunData[] = [];
  private readonly intervals: Map<string, unknown[]>;
  private again = false;  // the intervals are of an earlier chart

  constructor(state: State, private all: Dimension[]) {
    super(state, "Parallel coordinates", brushing, []);
    this.intervals = state.keep("brushed axes", new Map<string, unknown[]>()).value;
    const only = element("button", { type: "button", onclick: () => {
      if (this.brushed.length) this.state.show(new Set(this.brushed.map((run) => run.id)));
    } }, "Show only these");
    const every = element("button", { type: "button", onclick: () => {
      for (const name of [...this.intervals.keys()]) this.brush(name, []);
      this.intervals.clear();  // also of axes that are not shown
      this.state.show(new Set(this.state.runs.map((run) => run.id)));
    } }, "Show every run");
    this.root.querySelector(".controls")!.append(this.said, only, every);
    state.onData(() => { this.all = dimensions(state.page); });
  }

  private brush(name: string, intervals: unknown[]): void {
    this.chart?.dispatchAction({ type: "axisAreaSelect", parallelAxisId: `d${name}`, intervals });
  }

  protected override started(chart: ECharts): void {
    this.again = true;
    chart.on("axisareaselected", (event) => {
      const { parallelAxisId, intervals } = event as unknown as { parallelAxisId: string; intervals: unknown[] };
      const name = parallelAxisId.slice(1);
      if (intervals.length) this.intervals.set(name, intervals);
      else this.intervals.delete(name);
      this.count();
    });
  }

  private shown(): RunData[] {
    return this.state.visible().filter((run) => this.all.some((one) => one.values[this.state.index(run)] !== null));
  }

  private count(): void {
    const shown = this.shown();
    const series = (this.chart as unknown as { getModel(): { getSeriesByIndex(i: number): { getRawIndicesByActiveState(state: string): number[] } } }).getModel().getSeriesByIndex(0);
    this.brushed = this.intervals.size ? series.getRawIndicesByActiveState("active").map((i) => shown[i]!) : [];
    this.said.textContent = this.intervals.size ? `${plural(this.brushed.length, "run")} within: ${this.brushed.slice(0, 3).map((run) => run.id).join(", ")}${this.brushed.length > 3 ? ", …" : ""}` : "nothing chosen";
  }

  protected draw(): void {
    const size = this.size(), room = this.place.clientWidth;
    // As many axes as can be told apart; what was measured last is what one looks for.
    const most = Math.max(2, Math.floor(room / (size * 7)));
    const used = this.all.length > most ? [...this.all.slice(0, Math.ceil(most / 2)), ...this.all.slice(this.all.length - Math.floor(most / 2))] : this.all;
    const left = this.all.length - used.length;
    this.place.setAttribute("aria-label", `Parallel coordinates: ${used.map(axisName).join(", ")}. The same numbers stand in the tables.`);
    this.root.querySelector(".hint")!.textContent = brushing + (left ? `; ${plural(left, "column")} more on a wider screen` : "");
    const shown = this.shown();
    this.chart!.setOption({
      animation: false,
      parallel: { left: size * 4, right: size * 8, top: size * 5.4, bottom: size * 1.5,
                  parallelAxisDefault: { nameLocation: "end", nameGap: size * 1.4, areaSelectStyle: { width: size * 1.6, color: colour("accent"), opacity: 0.18, borderColor: colour("accent") } } },
      parallelAxis: used.map((one, dim) => ({ ...axisOf(one, size), id: `d${one.name}`, dim,
        nameTextStyle: { color: colour("ink"), fontSize: size, fontFamily: colour("font"), align: "left", padding: [0, 0, 0, -size * 1.5] }, nameRotate: used.length > 3 ? 14 : 0 })),
      series: [{ type: "parallel", inactiveOpacity: 0.06, activeOpacity: 0.95, smooth: 0.15,
                 data: shown.map((run) => ({ name: run.id, value: used.map((one) => one.values[this.state.index(run)] ?? NaN),
                                             lineStyle: { color: runColour(this.state.index(run)), width: 1.6, opacity: 0.75 } })) }],
    }, { replaceMerge: ["parallelAxis", "series"] });
    if (this.again) {
      this.again = false;
      for (const [name, intervals] of [...this.intervals]) if (used.some((one) => one.name === name)) this.brush(name, intervals);
    }
    this.count();
  }
}

class Scatter extends Plot {
  private readonly chosen: Choice<{ x: string; y: string }>;

  constructor(state: State, private all: Dimension[]) {
    const options = all.map((one): [string, string] => [one.name, one.name]), names = all.map((one) => one.name);
    const numeric = all.filter((one) => one.kind !== "category");
    const x = all[0]!, y = (numeric.filter((one) => one !== x).at(-1) ?? all[1])!;
    const chosen = state.keep("scatter", { x: "", y: "" });
    const { value } = chosen;
    chosen.value = { x: names.includes(value.x) ? value.x : x.name, y: names.includes(value.y) ? value.y : y.name };
    super(state, "Scatter", "a dot a run; click it to hide the run", [
      select("x", options, chosen.value.x, (name) => this.choose({ x: name })),
      select("y", options, chosen.value.y, (name) => this.choose({ y: name }))]);
    this.chosen = chosen;
    state.onData(() => { this.all = dimensions(state.page); });
  }

  private choose(change: { x?: string; y?: string }): void {
    this.chosen.value = { ...this.chosen.value, ...change };
    this.draw();
  }

  private get x(): Dimension {
    return this.all.find((one) => one.name === this.chosen.value.x)!;
  }

  private get y(): Dimension {
    return this.all.find((one) => one.name === this.chosen.value.y)!;
  }

  protected override started(chart: ECharts): void {
    chart.on("click", (event) => {
      const run = this.state.runs.find((one) => one.id === event.name);
      if (run) this.state.toggle(run);
    });
  }

  protected draw(): void {
    if (!this.chart) return;
    const size = this.size(), { state } = this;
    this.place.setAttribute("aria-label", `Scatter of ${axisName(this.y)} over ${axisName(this.x)}. The same numbers stand in the tables.`);
    const data = state.visible().map((run) => {
      const i = state.index(run);
      return { name: run.id, value: [this.x.values[i], this.y.values[i]], itemStyle: { color: runColour(i) } };
    }).filter(({ value }) => value[0] != null && value[1] != null);
    const place = { nameLocation: "middle", nameGap: size * 2.4 };
    this.chart.setOption({
      animation: false,
      grid: { left: size * 2.6, right: size * 2, top: size * 1.2, bottom: size * 2.6, containLabel: true },
      tooltip: { ...this.tip(), formatter: (one: { name: string; value: (number | string)[] }) => this.describe(one.name, one.value) },
      xAxis: { ...axisOf(this.x, size), ...place },
      yAxis: { ...axisOf(this.y, size), ...place, nameGap: size * 4.4 },
      series: [{ type: "scatter", symbolSize: size * 0.75, itemStyle: { opacity: 0.9 }, data }],
    }, { replaceMerge: ["xAxis", "yAxis", "series"] });
  }

  // An element and no text: ECharts takes text for markup.
  private describe(name: string, values: (number | string)[]): HTMLElement {
    const say = (value: number | string | undefined) => (typeof value === "number" ? number(value) : String(value));
    return element("div", {}, element("b", {}, name), element("div", {}, `${short(this.x.heading)}: ${say(values[0])}`),
      element("div", {}, `${short(this.y.heading)}: ${say(values[1])}`));
  }
}

export function many(state: State): HTMLElement[] {
  const all = dimensions(state.page);
  if (state.runs.length < 3 || all.length < 2) return [];
  return [new Parallel(state, all).root, new Scatter(state, all).root];
}
