// One chart: axes, zoom and cursor by uPlot; the lines are drawn here, because each has its own places on the x axis.
import uPlot from "uplot";
import { element, onWidth } from "./dom";
import type { Abscissa, Band, Line } from "./series";
import { type Choice, colour } from "./state";
import { duration, grouped, number, plural } from "./text";

export interface Drawn {
  key: string;                   // tells the line from the others, also after new data
  label: string;
  colour: string;
  dash: number[];
  line: Line;
  faint?: Line | null;           // the records behind a smoothed line
  band?: Band | null;
  errors?: (number | null)[];    // ± of each point
  floors?: (number | null)[];    // what no generator can be expected to pass
  marks?: boolean;               // a dot at each point
}

export interface Axes {
  axis: Abscissa;
  logX: boolean;
  logY: boolean;
}

/** What the reader looks at, in units of the axis. */
export interface View {
  axis: Abscissa;
  zoom: [number, number] | null;             // null: everything
  cursor: { key: string; x: number } | null;  // of the keyboard
}

export const wholeView: View = { axis: "step", zoom: null, cursor: null };

interface Hit {
  series: number;
  point: number;
}

function* linesOf(drawn: Drawn): Generator<Line> {
  if (drawn.faint) yield drawn.faint;
  yield drawn.line;
  if (drawn.band) {
    yield { x: drawn.band.x, y: drawn.band.low };
    yield { x: drawn.band.x, y: drawn.band.high };
  }
  if (drawn.errors) {
    yield { x: drawn.line.x, y: drawn.errors.map((error, i) => drawn.line.y[i]! + (error ?? 0)) };
    yield { x: drawn.line.x, y: drawn.errors.map((error, i) => drawn.line.y[i]! - (error ?? 0)) };
  }
  if (drawn.floors) yield { x: drawn.line.x, y: drawn.floors.map((floor) => floor ?? NaN) };
}

function fits(value: number, log: boolean): boolean {
  return Number.isFinite(value) && (!log || value > 0);
}

/** The smallest and largest of what can be drawn, with some air; of nothing, a range that axes can show. */
function range(values: Iterable<number>, log: boolean, air: number): [number, number] {
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    if (!fits(value, log)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return log ? [1, 10] : [0, 1];
  if (log) return low === high ? [low / 2, high * 2] : [low / (high / low) ** air, high * (high / low) ** air];
  const more = high > low ? (high - low) * air : Math.abs(high) * 0.1 || 1;
  return [low - more, high + more];
}

export class Chart {
  readonly root: HTMLElement;
  private readonly place: HTMLElement;
  private readonly readout: HTMLElement;
  private readonly note: HTMLElement;
  private plot: uPlot | null = null;
  private drawn: Drawn[] = [];
  private axes: Axes = { axis: "step", logX: false, logY: false };
  private whole: [[number, number], [number, number]] = [[0, 1], [0, 1]];  // what there is in x and y
  private hit: Hit | null = null;
  private at: View["cursor"];  // the same, whatever the data are
  private hovered = false;
  private readonly unwatch: () => void;

  constructor(title: string, hint: string, private readonly view: Choice<View>) {
    this.at = view.value.cursor;
    this.readout = element("p", { class: "readout", "aria-live": "polite" });
    this.note = element("p", { class: "note" });
    this.place = element("div", {
      class: "plot", "data-key": "plot", tabindex: 0, role: "img", onkeydown: (event) => this.key(event as KeyboardEvent),
      ondblclick: () => this.zoomOut(),
    });
    this.root = element("figure", { class: "card chart" },
      element("figcaption", {}, element("h3", {}, title), hint ? element("span", { class: "hint" }, hint) : null),
      this.readout, this.place, this.note);
    this.root.dataset.title = title;
    this.unwatch = onWidth(this.place, (width) => {
      if (this.plot) this.plot.setSize({ width, height: this.place.clientHeight });
      else this.create();
    });
  }

  /** Ends everything that goes on for it elsewhere. */
  dispose(): void {
    this.unwatch();
    this.plot?.destroy();
    this.plot = null;
  }

  /** What the reader looks at stays, as long as the axis does. */
  show(drawn: Drawn[], axes: Axes): void {
    const other = axes.axis !== this.axes.axis || axes.logX !== this.axes.logX || axes.logY !== this.axes.logY;
    if (axes.axis !== this.view.value.axis) {
      this.view.value = { ...wholeView, axis: axes.axis };
      this.at = null;
    }
    this.drawn = drawn;
    this.axes = { axis: axes.axis, logX: axes.logX, logY: axes.logY };  // `axes` changes later
    this.hit = this.found();
    this.describe();
    this.whole = this.frame();
    if (!this.plot || other) this.create();
    else {
      this.plot.setData(this.whole, false);
      this.scale(this.plot);
    }
  }

  private found(): Hit | null {
    const series = this.at ? this.drawn.findIndex((one) => one.key === this.at!.key) : -1;
    const point = series < 0 ? -1 : nearest(this.drawn[series]!.line, this.at!.x);
    return point < 0 ? null : { series, point };
  }

  /** Colours have changed. */
  restyle(drawn: Drawn[]): void {
    this.drawn = drawn;
    if (this.plot) this.create();
  }

  private describe(): void {
    const title = this.root.dataset.title!;
    this.place.setAttribute("aria-label", `${title}: ${plural(this.drawn.length, "curve")}. ` +
      "Arrow keys walk along a curve and between curves, plus and minus zoom, 0 shows everything.");
    let lost = 0;
    if (this.axes.logY) for (const { line } of this.drawn) for (let i = 0; i < line.y.length; ++i) if (line.y[i]! <= 0) ++lost;
    this.note.textContent = lost ? `${plural(lost, "value")} of 0 or less ${lost === 1 ? "has" : "have"} no place on a logarithmic axis.` : "";
    this.say();
  }

  // uPlot is given the corners alone: it makes axes and scales of them.
  private frame(): [[number, number], [number, number]] {
    const { logX, logY } = this.axes;
    const drawn = this.drawn;
    const xs = function* () { for (const one of drawn) for (const line of linesOf(one)) for (let i = 0; i < line.x.length; ++i) yield line.x[i]!; };
    const ys = function* () { for (const one of drawn) for (const line of linesOf(one)) for (let i = 0; i < line.y.length; ++i) yield line.y[i]!; };
    return [range(xs(), logX, drawn.some((one) => one.marks) ? 0.02 : 0), range(ys(), logY, 0.05)];
  }

  private scale(plot: uPlot): void {
    const { zoom } = this.view.value;
    const [min, max] = zoom && !(this.axes.logX && zoom[0] <= 0) ? zoom : this.whole[0];
    plot.setScale("x", { min, max });
  }

  private scaled(plot: uPlot): void {
    if (plot !== this.plot) return;
    const { min, max } = plot.scales.x!, [low, high] = this.whole[0], near = 1e-9 * (high - low);
    this.view.value = { ...this.view.value, zoom: min! <= low + near && max! >= high - near ? null : [min!, max!] };
  }

  private create(): void {
    const width = Math.floor(this.place.clientWidth), height = this.place.clientHeight;
    if (width === 0 || height === 0) return;
    this.plot?.destroy();
    const size = parseFloat(getComputedStyle(this.place).fontSize);
    const axis = {
      stroke: colour("soft"), grid: { stroke: colour("grid"), width: 1 }, ticks: { show: false },
      font: `${size}px ${colour("font")}`, gap: 6,
    };
    const log = (on: boolean) => (on ? { distr: 3 as const, log: 10 as const } : {});
    // As wide as its widest label.
    const room = (_: uPlot, values: (string | null)[] | null) =>
      size * (1.4 + 0.62 * Math.max(2, ...(values ?? []).map((value) => value?.length ?? 0)));
    const steps = (values: number[]) => values.map((value) => (value === null ? "" : Number.isInteger(value) ? grouped(value) : number(value)));
    const ticks = (values: number[]) => values.map((value) => (value === null ? "" : number(value)));
    const times = (values: number[]) => values.map((value) => (value === null ? "" : duration(value)));
    this.plot = new uPlot({
      width, height, padding: [size * 0.6, size * 2, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false, setScale: true }, points: { show: false } },
      scales: { x: { time: false, ...log(this.axes.logX), range: (_, low, high) => [low, high] },
                y: { ...log(this.axes.logY), range: () => this.whole[1] } },
      axes: [{ ...axis, size: size * 2.1, space: size * 6.5, values: (_, v) => (this.axes.axis === "time" ? times(v) : this.axes.axis === "step" ? steps(v) : ticks(v)) },
             { ...axis, size: room, space: size * 2.6, values: (_, v) => ticks(v) }],
      series: [{}, { show: true, points: { show: false }, paths: () => null }],
      hooks: {
        draw: [(plot) => this.draw(plot)],
        setCursor: [(plot) => this.follow(plot)],
        setScale: [(plot, key) => { if (key === "x") this.scaled(plot); }],
      },
    }, this.whole, this.place);
    this.scale(this.plot);
  }

  private draw(plot: uPlot): void {
    const context = plot.ctx, { left, top, width, height } = plot.bbox;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    context.lineJoin = "round";
    const scale = devicePixelRatio;
    const faint = Math.max(0.04, Math.min(0.22, 1.2 / this.drawn.length));
    const thick = (this.drawn.length > 12 ? 1.1 : 1.6) * scale;
    this.drawn.forEach((drawn, i) => {
      const dim = this.hit && this.hit.series !== i && this.drawn.length > 1 ? 0.35 : 1;
      context.strokeStyle = context.fillStyle = drawn.colour;
      if (drawn.band) this.fill(plot, drawn.band, 0.16 * dim);
      if (drawn.faint) this.stroke(plot, drawn.faint, scale, faint * dim, []);
      if (drawn.floors) this.stroke(plot, { x: drawn.line.x, y: drawn.floors.map((y) => y ?? NaN) }, scale, 0.7 * dim, [1, 4]);
      if (drawn.errors) this.whiskers(plot, drawn, dim);
      this.stroke(plot, drawn.line, this.hit?.series === i ? 1.6 * thick : thick, dim, drawn.dash);
      if (drawn.marks) for (let k = 0; k < drawn.line.x.length; ++k) this.dot(plot, drawn.line, k, 2.6 * scale, dim);
    });
    if (this.hit) {
      const drawn = this.drawn[this.hit.series];
      if (drawn) {
        context.fillStyle = drawn.colour;
        this.dot(plot, drawn.line, this.hit.point, 4.5 * scale, 1);
      }
    }
    context.restore();
  }

  private stroke(plot: uPlot, line: Line, width: number, alpha: number, dash: number[]): void {
    const context = plot.ctx;
    context.globalAlpha = alpha;
    context.lineWidth = width;
    context.setLineDash(dash.map((length) => length * devicePixelRatio));
    context.beginPath();
    let down = false;
    for (let i = 0; i < line.x.length; ++i) {
      if (!fits(line.x[i]!, this.axes.logX) || !fits(line.y[i]!, this.axes.logY)) {
        down = false;
        continue;
      }
      const x = plot.valToPos(line.x[i]!, "x", true), y = plot.valToPos(line.y[i]!, "y", true);
      if (down) context.lineTo(x, y);
      else context.moveTo(x, y);
      down = true;
    }
    context.stroke();
    context.setLineDash([]);
  }

  private fill(plot: uPlot, band: Band, alpha: number): void {
    const context = plot.ctx, floor = plot.scales.y!.min!;
    const y = (value: number) => plot.valToPos(fits(value, this.axes.logY) ? value : floor, "y", true);
    context.globalAlpha = alpha;
    context.beginPath();
    for (let i = 0; i < band.x.length; ++i) context.lineTo(plot.valToPos(band.x[i]!, "x", true), y(band.high[i]!));
    for (let i = band.x.length - 1; i >= 0; --i) context.lineTo(plot.valToPos(band.x[i]!, "x", true), y(band.low[i]!));
    context.fill();
  }

  private whiskers(plot: uPlot, drawn: Drawn, alpha: number): void {
    const context = plot.ctx, { line } = drawn, cap = 3 * devicePixelRatio;
    context.globalAlpha = 0.8 * alpha;
    context.lineWidth = devicePixelRatio;
    context.beginPath();
    drawn.errors!.forEach((error, i) => {
      if (error === null || !fits(line.y[i]!, this.axes.logY)) return;
      const x = plot.valToPos(line.x[i]!, "x", true);
      const low = line.y[i]! - error, floor = plot.scales.y!.min!;
      const bottom = plot.valToPos(fits(low, this.axes.logY) ? low : floor, "y", true);
      const top = plot.valToPos(line.y[i]! + error, "y", true);
      context.moveTo(x, bottom);
      context.lineTo(x, top);
      for (const y of [bottom, top]) {
        context.moveTo(x - cap, y);
        context.lineTo(x + cap, y);
      }
    });
    context.stroke();
  }

  private dot(plot: uPlot, line: Line, i: number, radius: number, alpha: number): void {
    if (!fits(line.x[i]!, this.axes.logX) || !fits(line.y[i]!, this.axes.logY)) return;
    plot.ctx.globalAlpha = alpha;
    plot.ctx.beginPath();
    plot.ctx.arc(plot.valToPos(line.x[i]!, "x", true), plot.valToPos(line.y[i]!, "y", true), radius, 0, 2 * Math.PI);
    plot.ctx.fill();
  }

  /** The point of each line nearest in x; of these the nearest in y. */
  private follow(plot: uPlot): void {
    const { left, top } = plot.cursor;
    if (left === undefined || top === undefined || left < 0) {
      if (this.hovered && document.activeElement !== this.place) this.point(null);
      this.hovered = false;
      return;
    }
    this.hovered = true;
    const x = plot.posToVal(left, "x");
    let best: Hit | null = null, distance = Infinity;
    this.drawn.forEach(({ line }, series) => {
      const point = nearest(line, x);
      if (point < 0 || !fits(line.y[point]!, this.axes.logY)) return;
      const off = Math.hypot(plot.valToPos(line.y[point]!, "y") - top, 0.2 * (plot.valToPos(line.x[point]!, "x") - left));
      if (off < distance) [best, distance] = [{ series, point }, off];
    });
    this.point(best);
  }

  private point(hit: Hit | null, byKeyboard = false): void {
    const drawn = hit && this.drawn[hit.series];
    this.at = drawn ? { key: drawn.key, x: drawn.line.x[hit!.point]! } : null;
    this.view.value = { ...this.view.value, cursor: byKeyboard ? this.at : null };
    if (hit?.series === this.hit?.series && hit?.point === this.hit?.point) return;
    this.hit = hit;
    this.say();
    this.plot?.redraw(false, false);
  }

  private say(): void {
    const drawn = this.hit && this.drawn[this.hit.series];
    if (!this.hit || !drawn) {
      this.readout.replaceChildren(this.drawn.length ? "" : "No run that is shown has this.");
      return;
    }
    const { line, errors, floors, band } = drawn, i = this.hit.point, x = line.x[i]!;
    const where = this.axes.axis === "time" ? duration(x) : `${this.axes.axis} ${this.axes.axis === "step" ? grouped(x) : number(x)}`;
    const more = errors?.[i] != null ? ` ± ${number(errors[i])}` : band ? ` ± ${number(band.high[i]! - band.middle[i]!)}` : "";
    const floor = floors?.[i] != null ? `, floor ${number(floors[i])}` : "";
    const swatch = element("i", { class: "swatch" });
    swatch.style.background = drawn.colour;
    this.readout.replaceChildren(swatch, element("b", {}, number(line.y[i]!) + more + floor), ` ${drawn.label}${band ? `, mean of ${plural(band.lines[i]!, "seed")}` : ""}, ${where}`);
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || this.drawn.length === 0) return;
    const hit = this.hit ?? { series: 0, point: -1 };
    const along = (by: number) => {
      const last = this.drawn[hit.series]!.line.x.length - 1;
      this.point({ series: hit.series, point: Math.max(0, Math.min(last, hit.point + by)) }, true);
    };
    const across = (by: number) => {
      const series = (hit.series + by + this.drawn.length) % this.drawn.length;
      const x = this.drawn[hit.series]!.line.x[Math.max(0, hit.point)]!;
      this.point({ series, point: Math.max(0, nearest(this.drawn[series]!.line, x)) }, true);
    };
    const page = Math.max(10, Math.round(this.drawn[hit.series]!.line.x.length / 20));
    const actions: Record<string, () => void> = {
      ArrowRight: () => along(1), ArrowLeft: () => along(-1), PageDown: () => along(page), PageUp: () => along(-page),
      Home: () => along(-Infinity), End: () => along(Infinity), ArrowUp: () => across(-1), ArrowDown: () => across(1),
      "+": () => this.zoom(0.5), "=": () => this.zoom(0.5), "-": () => this.zoom(2), "0": () => this.zoomOut(),
      Escape: () => this.point(null),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  private zoom(factor: number): void {
    const { plot, hit } = this;
    if (!plot) return;
    const [whole] = this.whole, { min, max } = plot.scales.x!;
    const line = this.drawn[hit?.series ?? 0]!.line;
    const to = this.axes.logX ? Math.log : (x: number) => x, back = this.axes.logX ? Math.exp : (x: number) => x;
    const middle = hit ? to(line.x[hit.point]!) : (to(min!) + to(max!)) / 2;
    const low = middle - (middle - to(min!)) * factor, high = middle + (to(max!) - middle) * factor;
    plot.setScale("x", { min: Math.max(back(low), whole[0]), max: Math.min(back(high), whole[1]) });
  }

  private zoomOut(): void {
    this.plot?.setScale("x", { min: this.whole[0][0], max: this.whole[0][1] });
  }
}

function nearest({ x: places }: Line, x: number): number {
  let low = 0, high = places.length - 1;
  if (high < 0) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (places[middle]! <= x) low = middle;
    else high = middle;
  }
  return Math.abs(places[high]! - x) < Math.abs(places[low]! - x) ? high : low;
}
