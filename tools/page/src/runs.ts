// The list of runs beside everything: what is shown, in which colour, and how each run stands.
import type { RunData } from "./data";
import { element } from "./dom";
import { type State, runColour, runDash } from "./state";
import { duration, grouped } from "./text";

export const stateWords: Record<RunData["state"], string> = {
  complete: "complete", running: "running", stopped: "stopped",
  pruned: "pruned", diverged: "diverged", failed: "failed", damaged: "damaged",
};

export function badge(run: RunData): HTMLElement {
  return element("span", { class: `badge ${run.state}` }, stateWords[run.state]);
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

function row(state: State, run: RunData): HTMLElement {
  const box = element("input", { type: "checkbox", checked: !state.hidden.has(run.id), onchange: () => state.toggle(run) });
  const detail = run.state === "damaged" ? "cannot be read" : progress(run);
  const made = element("label", { class: "run", title: run.folder }, box, swatch(state, run),
    element("span", { class: "names" }, element("span", { class: "id" }, run.id), element("span", { class: "detail" }, detail)),
    run.state === "complete" ? null : badge(run));
  made.dataset.run = run.id;
  return made;
}

export function runList(state: State): HTMLElement {
  const list = element("div", { class: "run-rows" });
  const filter = element("input", { type: "search", placeholder: "Filter runs", "aria-label": "Filter runs by name or state", oninput: () => narrow() });
  const count = element("span", { class: "count" });
  const narrow = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const child of list.children) {
      const text = child.textContent!.toLowerCase();
      (child as HTMLElement).hidden = !words.every((word) => text.includes(word));
    }
  };
  const matching = () => state.runs.filter((_, i) => !(list.children[i] as HTMLElement).hidden);
  const all = (shown: boolean) => {
    for (const run of matching()) {
      if (shown) state.hidden.delete(run.id);
      else state.hidden.add(run.id);
    }
    state.changed();
  };
  const fill = () => {
    if (list.children.length !== state.runs.length || document.activeElement?.closest(".run-rows") !== list) {
      list.replaceChildren(...state.runs.map((run) => row(state, run)));
    } else {
      state.runs.forEach((run, i) => { list.children[i]!.querySelector("input")!.checked = !state.hidden.has(run.id); });
    }
    count.textContent = `${state.visible().length} of ${state.runs.length} shown`;
    narrow();
  };
  state.listen(fill);
  state.onTheme(() => {
    state.runs.forEach((run, i) => list.children[i]?.querySelector(".swatch")?.replaceWith(swatch(state, run)));
  });
  const made = element("details", { class: "run-list", open: true }, element("summary", {}, element("h2", {}, "Runs"), count),
    state.runs.length > 8 ? filter : null, list,
    state.runs.length > 1 ? element("div", { class: "buttons" },
      element("button", { type: "button", onclick: () => all(true) }, "Show all"),
      element("button", { type: "button", onclick: () => all(false) }, "Hide all")) : null);
  fill();
  return made;
}

/** What became of a run that is not complete, and what to do about it. */
function standing(run: RunData): string {
  const ends: Partial<Record<RunData["state"], string>> = {
    running: "trains now", pruned: "ended early by its sweep", diverged: "diverged", failed: "could not be trained",
  };
  return ends[run.state] ?? `before its end: \`duel ${run.sweep ? `sweep ${run.sweep}` : "resume"}\` goes on`;
}

/** Runs that are not complete, and what was wrong with any: none of them stops the others. */
export function attention(state: State): HTMLElement | null {
  const rows = state.runs.filter((run) => run.state !== "complete" || run.problem);
  if (rows.length === 0) return null;
  return element("ul", { class: "attention" }, rows.map((run) => {
    const what = run.problem || standing(run);
    return element("li", {}, badge(run), element("span", {}, element("b", {}, run.id), ` ${what}`,
      run.state === "damaged" ? "" : ` (${progress(run)})`));
  }));
}
