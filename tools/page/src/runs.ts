// The list of runs beside everything: what is shown, in which colour, and how each run stands.
import type { RunData } from "./data";
import { element, fold } from "./dom";
import { type State, runColour, runDash } from "./state";
import { duration, grouped } from "./text";

export function badge(run: RunData): HTMLElement {
  return element("span", { class: `badge ${run.state}` }, run.state);
}

export function swatch(state: State, run: RunData): HTMLElement {
  const index = state.index(run), made = element("i", { class: "swatch" });
  made.style.background = runColour(index);
  if (runDash(index).length) made.classList.add("dashed");
  return made;
}

export function progress(run: RunData): string {
  const of = run.total_steps && run.total_steps !== run.step ? ` of ${grouped(run.total_steps)}` : "";
  return `step ${grouped(run.step)}${of} · ${duration(run.seconds)}`;
}

interface Row {
  root: HTMLElement;
  write: () => void;
}

/** Of the run at that place, which stays that run as long as the page is not laid out anew. */
function row(state: State, index: number): Row {
  const run = () => state.runs[index]!;
  const box = element("input", { type: "checkbox", onchange: () => state.toggle(run()) });
  const detail = element("span", { class: "detail" });
  const root = element("label", { class: "run", title: run().folder }, box, swatch(state, run()),
    element("span", { class: "names" }, element("span", { class: "id" }, run().id), detail));
  root.dataset.run = run().id;
  const write = () => {
    box.checked = !state.hidden.has(run().id);
    detail.textContent = run().state === "damaged" ? "cannot be read" : progress(run());
    root.querySelector(".badge")?.remove();
    if (run().state !== "complete") root.append(badge(run()));
  };
  return { root, write };
}

export function runList(state: State): HTMLElement {
  const rows = state.runs.map((_, i) => row(state, i));
  const list = element("div", { class: "run-rows" }, rows.map(({ root }) => root));
  const words = state.keep("run filter", "");
  const filter = element("input", { type: "search", placeholder: "Filter runs", "aria-label": "Filter runs by name or state", oninput: () => {
    words.value = filter.value;
    narrow();
  } });
  filter.value = words.value;
  const count = element("span", { class: "count" });
  const narrow = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const { root } of rows) root.hidden = !wanted.every((word) => root.textContent!.toLowerCase().includes(word));
  };
  const all = (shown: boolean) => {
    for (const run of state.runs.filter((_, i) => !rows[i]!.root.hidden)) {
      if (shown) state.hidden.delete(run.id);
      else state.hidden.add(run.id);
    }
    state.changed();
  };
  const fill = () => {
    for (const { write } of rows) write();
    count.textContent = `${state.visible().length} of ${state.runs.length} shown`;
    narrow();
  };
  state.listen(fill);
  state.onTheme(() => {
    rows.forEach(({ root }, i) => root.querySelector(".swatch")!.replaceWith(swatch(state, state.runs[i]!)));
  });
  fill();
  const narrowScreen = matchMedia("(max-width: 899px)").matches;
  return fold(state.keep<boolean | null>("run list", null), "", !narrowScreen || state.runs.length <= 4, { class: "run-list" },
    [element("h2", {}, "Runs"), count],
    state.runs.length > 8 ? filter : null, list,
    state.runs.length > 1 ? element("div", { class: "buttons" },
      element("button", { type: "button", onclick: () => all(true) }, "Show all"),
      element("button", { type: "button", onclick: () => all(false) }, "Hide all")) : null);
}

/** What became of a run that is not complete, and what to do about it. */
function standing(run: RunData): string {
  const ends: Partial<Record<RunData["state"], string>> = {
    running: "trains now", pruned: "ended early by its sweep", diverged: "diverged", failed: "could not be trained",
  };
  const what = ends[run.state] ?? `before its end: \`duel ${run.sweep ? `sweep ${run.sweep}` : `resume ${run.folder}`}\` goes on`;
  return run.message ? `${what}: ${run.message}` : what;
}

export function needsAttention(run: RunData): boolean {
  return run.state !== "complete" || run.problem !== "";
}

/** Runs that are not complete, and what was wrong with any: none of them stops the others. */
export function attention(state: State): HTMLElement | null {
  if (!state.runs.some(needsAttention)) return null;
  const list = element("ul", { class: "attention" });
  const fill = () => list.replaceChildren(...state.runs.filter(needsAttention).map((run) =>
    element("li", {}, badge(run), element("span", {}, element("b", {}, run.id), ` ${run.problem || standing(run)}`,
      run.state === "damaged" ? "" : ` (${progress(run)})`))));
  state.onData(fill);
  fill();
  return list;
}
