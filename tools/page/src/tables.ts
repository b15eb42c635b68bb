// Tables: parameters that differ, the newest scores with their protocols, provenance.
import type { Protocol, RunData, ScoreData } from "./data";
import { element, fold } from "./dom";
import { progress, swatch } from "./runs";
import { lastScore, scoreName } from "./series";
import type { State } from "./state";
import { grouped, number, plural } from "./text";

interface Column {
  title: string;
  text: (run: RunData) => string;
  value: (run: RunData) => number | string;  // what rows are sorted by
}

function sortable(text: string): number | string {
  const value = Number(text);
  return text.trim() !== "" && Number.isFinite(value) ? value : text;
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

function table(state: State, label: string, columns: Column[]): HTMLElement {
  const sorting = state.keep(`order of ${label}`, { title: "", falling: false });
  const body = element("tbody");
  const heads = columns.map((column) => {
    const made = element("th", { scope: "col", "aria-sort": "none" },
      element("button", { type: "button", onclick: () => sort(column.title) }, breakable(column.title)));
    return { made, title: column.title };
  });
  const rows = new Map<string, HTMLElement>();
  for (const run of state.runs) {
    rows.set(run.id, element("tr", {}, element("th", { scope: "row" }, swatch(state, run), run.id),
      columns.map((column) => {
        const text = column.text(run), numeric = typeof column.value(run) === "number";
        return element("td", { class: numeric ? "number" : text === "–" ? "none" : "" }, text);
      })));
  }
  const fill = () => {
    const order = [...state.runs];
    const { title, falling } = sorting.value, column = columns.find((one) => one.title === title);
    for (const head of heads) head.made.setAttribute("aria-sort", head.title !== title ? "none" : falling ? "descending" : "ascending");
    if (column) order.sort((a, b) => (falling ? -1 : 1) * compare(column.value(a), column.value(b)));
    body.replaceChildren(...order.map((run) => rows.get(run.id)!));
    for (const run of state.runs) rows.get(run.id)!.classList.toggle("hidden-run", state.hidden.has(run.id));
  };
  const sort = (title: string) => {
    sorting.value = { title, falling: sorting.value.title === title && !sorting.value.falling };
    fill();
  };
  state.listen(fill);
  state.onTheme(() => {
    for (const run of state.runs) rows.get(run.id)!.querySelector(".swatch")!.replaceWith(swatch(state, run));
  });
  fill();
  return element("div", { class: "scroll card", tabindex: 0, role: "region", "aria-label": label },
    element("table", {}, element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "run"), heads.map(({ made }) => made))), body));
}

/** Long keys may break behind dots. */
function breakable(key: string): (string | HTMLElement)[] {
  return key.split(/(?<=[.\]])/).flatMap((part, i) => (i ? [element("wbr"), part] : [part]));
}

function list(pairs: [string, string][]): HTMLElement {
  return element("dl", { class: "pairs" }, pairs.map(([key, value]) =>
    element("div", {}, element("dt", {}, breakable(key)), element("dd", {}, value))));
}

export function parameters(state: State): HTMLElement[] {
  const { parameters: differing, shared_parameters: shared } = state.page.data;
  const columns: Column[] = differing.map(({ key, values }) => ({
    title: key,
    text: (run) => values[state.index(run)] ?? "–",
    value: (run) => sortable(values[state.index(run)] ?? "–"),
  }));
  const several = state.runs.length > 1;
  return [
    columns.length ? table(state, "Parameters that differ", columns)
      : element("p", { class: "note" }, several ? "The runs that can be read have the same parameters." : ""),
    fold(state.keep<boolean | null>("shared parameters", null), "shared", !several && shared.length <= 60, {},
      [several ? `${plural(shared.length, "parameter")} that all share` : plural(shared.length, "parameter")], list(shared)),
  ];
}

function said(value: Protocol[string] | undefined): string {
  return value ?? "not known";
}

function recordRow(state: State, run: RunData, score: ScoreData): HTMLElement | null {
  const last = lastScore(score);
  if (!last) return null;
  const [step, , value, uncertainty, floor, place] = last, protocol = state.page.data.protocols[place] ?? {};
  const own = ["metric", "better", "n_real", "n_fake", "features", "split"];
  const rest = Object.entries(protocol).filter(([key, said]) => said !== null && !own.includes(key));
  const words = (key: string) => key.replace(/^parameters\./, "parameter ").replaceAll("_", " ");
  const cell = (text: string, numeric = false) => element("td", { class: numeric ? "number" : "" }, text);
  return element("tr", {}, element("th", { scope: "row" }, swatch(state, run), run.id),
    cell(scoreName(score) + (score.later ? " (later)" : "")), cell(grouped(step), true),
    cell(number(value) + (uncertainty === null ? "" : ` ± ${number(uncertainty)}`), true),
    cell(floor === null ? "–" : `${number(floor)}${score.floor_n === null ? "" : ` of ${grouped(score.floor_n)}`}`, true),
    cell(`${said(protocol.n_real)} / ${said(protocol.n_fake)}`, true), cell(said(protocol.features)), cell(said(protocol.split)),
    element("td", { class: "wide" }, rest.map(([key, text]) => `${words(key)}: ${said(text)}`).join(", "),
      score.warnings.map((warning) => element("div", { class: "warning" }, warning))));
}

/** What keeps scores from being compared; and the newest score of each run, with how it was measured. */
export function scores(state: State): HTMLElement[] {
  const callouts = element("div"), body = element("tbody");
  const heads = ["run", "score", "step", "value", "floor", "real / fake", "features", "split", "protocol, warnings"];
  const fill = () => {
    const which = { last: "", training: ", as measured in the training", later: ", as asked for later" };
    callouts.replaceChildren(...state.page.data.unlike.map(({ name, of, lines }) => element("div", { class: "callout", role: "note" },
      element("b", {}, `${name}${which[of]}: these scores cannot be compared.`), element("ul", {}, lines.map((line) => element("li", {}, line))))));
    body.replaceChildren(...state.runs.flatMap((run) => run.scores.map((score) => recordRow(state, run, score))).filter((row) => row !== null));
  };
  fill();
  state.onData(fill);
  state.onTheme(fill);
  const details = fold(state.keep<boolean | null>("records", null), "records", body.children.length <= 12, {},
    [`Newest records, with protocol and floor (${body.children.length})`],
    element("div", { class: "scroll card", tabindex: 0, role: "region", "aria-label": "Records of evaluations" },
      element("table", { class: "records" }, element("thead", {}, element("tr", {}, heads.map((head) => element("th", { scope: "col" }, head)))), body)));
  return [callouts, details];
}

export function provenance(state: State): HTMLElement[] {
  return state.runs.map(({ id }, i) => {
    const detail = element("span", { class: "detail" }), content = element("div");
    const made = fold(state.keep<boolean | null>(`provenance of ${id}`, null), "provenance", state.runs.length === 1, { "data-run": id },
      [swatch(state, state.runs[i]!), element("b", {}, id), detail], content);
    const fill = () => {
      const run = state.runs[i]!;
      detail.textContent = progress(run);
      content.replaceChildren(list([["folder", run.folder], ...run.provenance]));
    };
    fill();
    state.onData(fill);
    state.onTheme(() => made.querySelector(".swatch")!.replaceWith(swatch(state, state.runs[i]!)));
    return made;
  });
}
